"""What is kept on the way down says which rung closed the way: one that the block went over to fill its role."""

from __future__ import annotations

from stacks.models import load_blueprint, load_stack
from stacks.models.paths import stack_file
from stacks.moves import steps


def refusals(system: str, high: str, low: str) -> dict[str, tuple[str | None, str, str]]:
    """Block → (rung, reason, what may be done by hand) on the way down in prod."""
    from phaseup.climb.phases import born

    config = born(load_stack(stack_file(f"{system}-prod")), high)
    found = {}
    for step in steps(config, load_blueprint(system), low):
        if step.refused is not None:
            found[step.block or ""] = (step.stage, step.refused.reason, step.refused.manual)
    return found


def test_a_cache_that_took_a_server_s_data_over_is_kept_since_it_is_live() -> None:
    """Not for its cluster mode, which it has not got in this phase."""
    found = refusals("listing", "startup", "mvp")
    for block, role in (("redis", "cache"), ("broker", "queue")):
        rung, reason, manual = found[block]
        assert rung == "live"
        assert reason == (
            f"nothing leads the data of {block} back to {role}: the rung live of the ladder “a cache takes over a "
            "server's data” is behind it, and what was written since is nowhere else"
        )
        assert "copy-snapshot --target-bucket" in manual


def test_a_database_is_kept_for_the_rung_that_cannot_be_gone_back_over() -> None:
    rung, reason, manual = refusals("listing", "startup", "mvp")["rds"]
    assert rung == "live"
    assert reason.endswith("the rung live of the ladder “postgres takes over a server's data” is irrevocable")
    assert "dump the instance" in manual
