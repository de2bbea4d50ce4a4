"""aurora: Aurora PostgreSQL, which may take the role of an RDS instance over."""

from components.aurora.component import Aurora, AuroraArgs
from components.aurora.elsewhere import AuroraFollowers, AuroraFollowersArgs
from components.aurora.spec import AuroraSpec

__all__ = ["Aurora", "AuroraArgs", "AuroraFollowers", "AuroraFollowersArgs", "AuroraSpec"]
