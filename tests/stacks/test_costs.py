# ruff: noqa: E501 - a message stands on one line, as it is printed
"""Usage and purchase of a blueprint: merged along the phases as blocks are, refused where no price hangs on them."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Any

import pytest

from stacks.models import BadInput
from stacks.models.costs import BUYABLE, FIGURES, FLEETS, RATES, Option, Usage
from tests.stacks.sample import blueprint, edited

MVP = "    serves: {users: 1000, rps: 100}\n"
GROWTH = "  growth:\n    blocks:\n"
SCALE = "  scale:\n    blocks:\n"


def written(tmp_path: Path, mvp: str = "", growth: str = "", scale: str = "", top: str = "") -> Any:
    text = edited(
        (MVP, MVP + mvp), (GROWTH, f"  growth:\n{growth}    blocks:\n"), (SCALE, f"  scale:\n{scale}    blocks:\n")
    )
    return blueprint(tmp_path, text + top)


def refused(tmp_path: Path, **parts: str) -> str:
    with pytest.raises(BadInput) as caught:
        written(tmp_path, **parts)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_figures_merge_along_the_phases_and_leave_with_their_block(tmp_path: Path) -> None:
    made = written(
        tmp_path,
        mvp="    usage:\n      db: {backup_gb: 10, egress_gb: 5}\n      app: {count: 1, logs_gb: 2}\n",
        growth="    usage:\n      db: {backup_gb: 50}\n      app: {logs_gb: null, regions: {eu-central-1: {count: 2}}}\n",
        scale="    usage:\n      app: null\n",
    )
    kept = {
        phase: {block: figures.model_dump(exclude_none=True) for block, figures in found.items()}
        for phase, found in made.usage.items()
    }
    assert kept == {
        "mvp": {"db": {"backup_gb": 10, "egress_gb": 5}, "app": {"count": 1, "logs_gb": 2}},
        "growth": {
            "db": {"backup_gb": 50, "egress_gb": 5},
            "app": {"count": 1, "regions": {"eu-central-1": {"count": 2}}},
        },
        "scale": {},
    }


def test_purchase_is_an_option_or_shares_and_a_later_phase_may_take_it_back(tmp_path: Path) -> None:
    made = written(
        tmp_path,
        mvp="    purchase: {db: reserved-1y}\n",
        growth="    purchase: {db: {reserved-1y: 0.5}, app: {savings-plan-1y: 0.6, reserved-1y: 0.4}, cache: reserved-3y}\n",
        scale="    purchase: {cache: null}\n",
    )
    assert made.purchase == {
        "mvp": {"db": {"reserved-1y": 1.0}},
        "growth": {
            "db": {"reserved-1y": 0.5},
            "app": {"savings-plan-1y": 0.6, "reserved-1y": 0.4},
            "cache": {"reserved-3y": 1.0},
        },
        "scale": {"app": {"savings-plan-1y": 0.6, "reserved-1y": 0.4}},
    }


def test_shares_of_other_environments(tmp_path: Path) -> None:
    assert written(tmp_path).usage_share == {}
    assert written(tmp_path, top="usage_share: {dev: 0.01, staging: 0.05}\n").usage_share == {
        "dev": 0.01,
        "staging": 0.05,
    }


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (
            {"mvp": "    usage: {dbs: {backup_gb: 5}}\n"},
            "meal.yaml:6: phases.mvp.usage.dbs: found dbs, which is no block here; allowed: net, app, api, jobs, db, cache, queue, zone",
        ),
        (
            {"mvp": "    usage: {lb: {lcu: 5}}\n"},
            "meal.yaml:6: phases.mvp.usage.lb: found lb, which is no block here; allowed: net, app, api, jobs, db, cache, queue, zone",
        ),
        (
            {"mvp": "    usage: {db: {backups: 5}}\n"},
            "phases.mvp.usage.db.backups: found unknown key backups; allowed: ",
        ),
        (
            {"mvp": "    usage: {db: {acu: 5}}\n"},
            "meal.yaml:6: phases.mvp.usage.db.acu: found acu, which a postgres is not priced with; allowed: backup_gb, between_gb, cross_az_gb, egress_gb, hours, logs_gb, regions",
        ),
        (
            {"mvp": "    usage: {app: {regions: {eu-central-1: {nodes: {a: 1}}}}}\n"},
            "meal.yaml:6: phases.mvp.usage.app.regions.eu-central-1.nodes: found nodes, which a server is not priced with",
        ),
        ({"mvp": "    usage: {db: {backup_gb: -1}}\n"}, "phases.mvp.usage.db.backup_gb: found -1; allowed: at least 0"),
        (
            {"mvp": "    usage: {db: {backup_gb: much}}\n"},
            "phases.mvp.usage.db.backup_gb: found much; allowed: a number",
        ),
        (
            {"growth": "    usage: {db: {backup_gb: null}}\n"},
            "phases.growth.usage.db.backup_gb: found null; allowed: null only for what the phase before has",
        ),
        (
            {"mvp": "    purchase: {zone: reserved-1y}\n"},
            "phases.mvp.purchase.zone: found reserved-1y for a zone; allowed: blocks of kind server, kubernetes, postgres, aurora, cache, search",
        ),
        (
            {"mvp": "    purchase: {db: savings-plan-1y}\n"},
            "phases.mvp.purchase.db: found savings-plan-1y for a postgres; allowed: on-demand, reserved-1y, reserved-3y",
        ),
        ({"mvp": "    purchase: {db: spot}\n"}, "phases.mvp.purchase.db"),
        (
            {"mvp": "    purchase: {app: {reserved-1y: 0.7, savings-plan-1y: 0.6}}\n"},
            "phases.mvp.purchase.app: found {reserved-1y: 0.7, savings-plan-1y: 0.6}; allowed: shares that make at most 1 together; these make 1.3",
        ),
        (
            {
                "mvp": "    purchase: {app: {reserved-1y: 0.7}}\n",
                "growth": "    purchase: {app: {savings-plan-1y: 0.6}}\n",
            },
            "phases.growth.purchase.app: found {reserved-1y: 0.7, savings-plan-1y: 0.6}; allowed: shares that make at most 1, with those of the phases before",
        ),
        ({"top": "usage_share: {prod: 0.5}\n"}, "usage_share"),
        ({"top": "usage_share: {dev: 2}\n"}, "usage_share.dev: found 2; allowed: at most 1"),
    ],
)
def test_what_no_price_hangs_on_is_refused(tmp_path: Path, parts: dict[str, str], expected: str) -> None:
    found = refused(tmp_path, **parts)
    assert expected in found
    assert "\n" not in found


def test_every_figure_is_one_of_some_kind_and_every_option_buys_something() -> None:
    fields = set(Usage.model_fields) - {"regions"}
    assert set().union(*FIGURES.values()) == fields
    assert set(FLEETS) | set(RATES) <= fields
    assert set().union(*BUYABLE.values()) == set(typing.get_args(Option))
    assert BUYABLE.keys() <= FIGURES.keys()
