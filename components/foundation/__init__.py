"""What an AWS account needs once: deploying roles by OIDC, state and its keys, quotas, cost-allocation tags."""

from components.foundation.component import Foundation, FoundationArgs
from components.foundation.spec import FoundationSpec

__all__ = ["Foundation", "FoundationArgs", "FoundationSpec"]
