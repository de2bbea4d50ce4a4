"""server: hosts in a scaling group that run services as containers."""

from components.server.component import Server, ServerArgs
from components.server.spec import ServerSpec

__all__ = ["Server", "ServerArgs", "ServerSpec"]
