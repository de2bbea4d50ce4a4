"""What a climb or a branch does as one HTML file that needs no network: pictures to walk along, and every reason."""

from phaseup.page.climb import climb_page
from phaseup.page.diff import diff_page

__all__ = ["climb_page", "diff_page"]
