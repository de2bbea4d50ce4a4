"""hosted: PostgreSQL or Valkey on a server block, its data on a volume of its own."""

from components.hosted.access import HostedAccess, HostedAccessArgs
from components.hosted.component import Hosted, HostedArgs
from components.hosted.load import HostedLoad, HostedLoadArgs
from components.hosted.spec import HostedSpec

__all__ = ["Hosted", "HostedAccess", "HostedAccessArgs", "HostedArgs", "HostedLoad", "HostedLoadArgs", "HostedSpec"]
