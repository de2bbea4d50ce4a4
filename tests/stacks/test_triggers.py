"""Triggers: what they ask for is checked as the block's own fields are, and who measures them is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stacks.models import BadInput, load_blueprint
from stacks.models.blueprint import Trigger
from stacks.models.load_blueprint import systems
from stacks.models.triggers import emitters

TEXT = """\
system: shop
phases:
  one:
    serves: {users: 10, rps: null}
    leave:
      load: {metric: cpu, block: app, above: 80, for: 5m, asks: {app: {count: {max: 4}}}}
      slow: {metric: latency, above: 200}
      sales: {metric: revenue, above: 5000, business: true}
    blocks:
      net: {kind: network}
      app: {kind: server, instance: t4g.small}
      cache: {kind: cache, use: cache, instance: cache.t4g.small}
      api: {kind: service, "on": app, takes: requests, port: 3000, health: {}, hosts: [api]}
      alarms: {kind: alarms, metrics: {latency: {blocks: [api], pattern: "{ $.ms = * }", value: $.ms}}}
"""


def written(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in TEXT
    (folder / "shop.yaml").write_text(TEXT.replace(old, new, 1) if old else TEXT)
    return folder


def test_who_emits(tmp_path: Path) -> None:
    blueprint = load_blueprint("shop", written(tmp_path))
    triggers = blueprint.phases["one"].leave
    assert {name: emitters(blueprint, "one", each) for name, each in triggers.items()} == {
        "load": ("app",), "slow": ("api",), "sales": (),
    }  # fmt: skip
    assert triggers["load"].lasting == "5m"
    assert triggers["load"].asks == {"app": {"count": {"max": 4}}}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "asks: {app:",
            "asks: {web:",
            "leave.load.asks.web: found web; allowed: a block of the phase: alarms, api, app",
        ),
        ("{max: 4}", "{max: many}", "leave.load.asks.app.count.max: found many; allowed: "),
        ("{count: {max: 4}}", "{cuont: 4}", "leave.load.asks.app.cuont: found unknown key cuont; allowed: "),
        (
            "{max: 4}",
            "{max: 1}",
            "leave.load.asks.app: found what the phase has already; allowed: something that differs",
        ),
        ("{count: {max: 4}}", "{disk: null}", "leave.load.asks.app.disk: found null; allowed: a value for a field"),
        ("{app: {count: {max: 4}}}", "{cache: {use: queue}}", "asks.cache.use: found queue; allowed: cache: it never"),
        ("for: 5m", "for: five minutes", "leave.load.for: found five minutes; allowed: "),
        ("business: true", "business: true, block: app", "leave.sales.block: found app; allowed: nothing for a figure"),
    ],
)
def test_bad_input(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_blueprint("shop", written(tmp_path, old, new))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("system", systems())
def test_every_trigger_says_where_it_stands_and_what_is_done(system: str) -> None:
    blueprint = load_blueprint(system)
    triggers: list[tuple[str, str, Trigger]] = [
        (phase, name, each) for phase, of in blueprint.phases.items() for name, each in of.leave.items()
    ]
    assert triggers
    silent: list[Any] = [
        (phase, name)
        for phase, name, each in triggers
        if not (each.source and each.action and (each.business or emitters(blueprint, phase, each)))
    ]
    assert silent == []
