"""bucket: S3 or R2."""

from components.bucket.component import Bucket, BucketArgs
from components.bucket.spec import BucketSpec

__all__ = ["Bucket", "BucketArgs", "BucketSpec"]
