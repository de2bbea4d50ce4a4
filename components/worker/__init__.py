"""worker: a Cloudflare Worker."""

from components.worker.component import Worker, WorkerArgs
from components.worker.spec import WorkerSpec

__all__ = ["Worker", "WorkerArgs", "WorkerSpec"]
