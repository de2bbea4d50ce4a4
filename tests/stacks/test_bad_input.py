# ruff: noqa: E501 - a message stands on one line, as it is printed
"""Every mistake has one message, told exactly: file, line, key, what was found, what is allowed."""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from stacks.models import BadInput, load_addresses, load_blueprint, load_stack, set_value, systems
from stacks.moves import effective
from tests.stacks.sample import KINDS, STACK, blueprint, config, edited, moving

TODAY = date(2026, 11, 22)


def message(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(BadInput) as caught:
        call(*args, **kwargs)
    text = str(caught.value)
    assert "\n" not in text
    return text


def stack_message(tmp_path: Path, *changes: tuple[str, str], text: str = STACK) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "Pulumi.meal-prod.yaml"
    path.write_text(text)
    return message(load_stack, path).replace(f"{tmp_path}/", "")


PHASEUP = (
    "phaseup:system, phaseup:environment, phaseup:phase, phaseup:moving, phaseup:restore, phaseup:retire, "
    "phaseup:overrides, phaseup:versions, "
    "phaseup:images, phaseup:policies, phaseup:domain, phaseup:cloudflareAccountId, phaseup:owner, phaseup:alerts"
)
F = "Pulumi.meal-prod.yaml"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "phaseup:phase: mvp",
            "phaseup:phse: mvp",
            f"{F}:7: phaseup:phse: found unknown key phaseup:phse; allowed: {PHASEUP} (did you mean phaseup:phase?)",
        ),
        (
            "phaseup:owner: platform",
            "owner: platform",
            f"{F}:10: owner: found unknown key owner; allowed: {PHASEUP}, aws:*, cloudflare:*, fastly:*, pulumi:*",
        ),
        ("config:", "confg:", f"{F}:2: confg: found unknown key confg; allowed: config, encryptionsalt, "
         "secretsprovider, encryptedkey, environment (did you mean config?)"),
        (
            "phaseup:environment: prod",
            "phaseup:environment: production",
            f"{F}:6: phaseup:environment: found production; allowed: dev, staging, prod (did you mean prod?)",
        ),
        (
            "  phaseup:phase: mvp # where it is\n",
            "",
            f"{F}:2: phaseup:phase: found nothing; allowed: a value (The phase it is in, or while moving the phase it "
            "goes to)",
        ),
        (
            "phaseup:phase: mvp",
            "phaseup:phase: 2",
            f'{F}:7: phaseup:phase: found 2 without quotes; allowed: text in quotes, e.g. "2"',
        ),
        (
            "  phaseup:system: meal\n",
            "",
            f"{F}:2: phaseup:system: found nothing; allowed: the system's name; the engine skips the file where "
            "stackConfigDir in Pulumi.yaml is no relative path",
        ),
        (
            '  aws:allowedAccountIds: ["111111111111"]\n',
            "",
            f'{F}:2: aws:allowedAccountIds: found nothing; allowed: the ids of its accounts, e.g. ["111111111111"], in '
            "staging and prod",
        ),
        (
            '["111111111111"]',
            "[111111111111]",
            f'{F}:4: aws:allowedAccountIds.0: found 111111111111 without quotes; allowed: text in quotes, e.g. '
            '"111111111111"',
        ),
        (
            "phaseup:domain: example.org",
            "phaseup:domain: https://example.org",
            f"{F}:8: phaseup:domain: found https://example.org; allowed: an apex domain in lower case, e.g. "
            "mealplanner.es",
        ),
        (
            "phaseup:owner: platform",
            "phaseup:owner:",
            f"{F}:10: phaseup:owner: found nothing; allowed: a value, or the key left out",
        ),
        (
            "phaseup:owner: platform",
            "phaseup:owner: yes",
            f"{F}:10: config.phaseup:owner: found yes without quotes; allowed: true or false, a plain decimal number, or "
            "the text in quotes; YAML 1.1 and 1.2 read it differently",
        ),
        (
            "phaseup:owner: platform",
            "phaseup:phase: growth",
            f"{F}:10: config.phaseup:phase: found the key twice (first on line 7); allowed: each key once",
        ),
        (
            "phaseup:owner: platform",
            "phaseup:images: {api: 'ghcr.io/x/api:latest'}",
            f"{F}:10: phaseup:images.api: found ghcr.io/x/api:latest; allowed: an image by digest, name@sha256:<64 hex "
            "digits>; a tag can come to mean another image",
        ),
        (
            "phaseup:owner: platform",
            "phaseup:owner: platform\n  phaseup:moving: {from: growth, traffic: 101}",
            f"{F}:11: phaseup:moving.traffic: found 101; allowed: a whole number from 0 to 100",
        ),
        (
            "phaseup:owner: platform",
            "phaseup:owner: platform\n  phaseup:moving: {from: growth, traffic: -1}",
            f"{F}:11: phaseup:moving.traffic: found -1; allowed: a whole number from 0 to 100",
        ),
        (
            "phaseup:owner: platform",
            "phaseup:owner: platform\n  phaseup:moving: {from: growth, traffic: 0.5}",
            f"{F}:11: phaseup:moving.traffic: found 0.5; allowed: a whole number from 0 to 100",
        ),
        (
            "phaseup:owner: platform",
            "phaseup:owner: platform\n  phaseup:moving: {from: mvp, traffic: 0}",
            f"{F}:11: phaseup:moving.from: found mvp; allowed: another phase than phaseup:phase",
        ),
        (
            "phaseup:owner: platform",
            "phaseup:owner: platform\n  phaseup:moving:\n    from: growth\n    trafic: 0",
            f"{F}:13: phaseup:moving.trafic: found unknown key trafic; allowed: data, from, restore, traffic (did you mean "
            "traffic?)",
        ),
        (
            "phaseup:owner: platform",
            "phaseup:owner: platform\n  phaseup:retire: {db: {reason: gone}}",
            f"{F}:11: phaseup:retire.db.until: found nothing; allowed: a value (The last day on which the consent holds)",
        ),
        (
            "phaseup:owner: platform",
            "phaseup:owner: platform\n  phaseup:retire: {db: {reason: gone, until: tomorrow}}",
            f"{F}:11: phaseup:retire.db.until: found tomorrow; allowed: a date as YYYY-MM-DD",
        ),
        (
            "phaseup:owner: platform",
            "phaseup:owner: platform\n  phaseup:overrides: {db: {replicas: null}}",
            f"{F}:11: phaseup:overrides.db.replicas: found null; allowed: a value: null removes a key in a phase's delta "
            "only",
        ),
        (
            "{email: oncall@example.org}",
            "{email: oncall@example.org, pagerduty: https://events.example.org/x}",
            f"{F}:11: phaseup:alerts.pagerduty: found plain text; allowed: {{secure: …}}, as `pulumi config set --secret "
            "--path 'phaseup:alerts.pagerduty'` writes it",
        ),
        (
            "phaseup:owner: platform",
            "phaseup:owner: platform\n  fastly:apiKey: KEY",
            f"{F}:11: fastly:apiKey: found plain text; allowed: {{secure: …}}, as `pulumi config set --secret fastly:apiKey` "
            "writes it, or the environment alone",
        ),
        (
            "{email: oncall@example.org}",
            "{email: nobody}",
            f"{F}:11: phaseup:alerts.email: found nobody; allowed: text that matches ^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$",
        ),
        ("{email: oncall@example.org}", "{email: [", f"{F}:12: (YAML): found expected the node content, but found "
         "'<stream end>'; allowed: well-formed YAML 1.2"),
    ],
)  # fmt: skip
def test_stack_file(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert stack_message(tmp_path, (old, new)) == expected


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.meal-dev.yaml").write_text(STACK)
    expected = f"{tmp_path}/Pulumi.meal-prod.yaml: (file): found no such file; allowed: Pulumi.meal-dev.yaml"
    assert message(load_stack, "meal-prod", tmp_path) == expected


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_an_empty_file(tmp_path: Path, text: str) -> None:
    assert stack_message(tmp_path, text=text) == f"{F}: (file): found an empty file; allowed: a YAML mapping"


@pytest.mark.parametrize(("text", "shape"), [("- a\n", "list"), ("a\n", "single value")])
def test_a_file_that_is_no_mapping(tmp_path: Path, text: str, shape: str) -> None:
    assert stack_message(tmp_path, text=text) == f"{F}:1: (file): found a {shape}; allowed: a YAML mapping"


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / F
    path.write_bytes(b"\xff\xfe\x00")
    expected = f"{path}: (file): found not UTF-8 text; allowed: a readable UTF-8 YAML file"
    assert message(load_stack, path) == expected


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / F).mkdir()
    assert "found Is a directory; allowed: a readable UTF-8 YAML file" in message(load_stack, tmp_path / F)


def test_a_config_section_that_is_no_mapping(tmp_path: Path) -> None:
    expected = f"{F}:1: config: found [1]; allowed: a mapping of namespaced keys, e.g. phaseup:system"
    assert stack_message(tmp_path, text="config: [1]\n") == expected


def test_a_second_owner_of_a_zone(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.meal-dev.yaml").write_text(STACK.replace("environment: prod", "environment: dev"))
    expected = (
        f"{F}:8: phaseup:domain: found example.org; allowed: a domain of its own: Pulumi.meal-dev.yaml owns this zone"
    )
    assert stack_message(tmp_path) == expected


def test_a_second_stack_of_an_environment(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.other.yaml").write_text(STACK.replace("example.org", "example.net"))
    expected = f"{F}:6: phaseup:environment: found prod; allowed: one stack for an environment of meal: Pulumi.other.yaml is it"
    assert stack_message(tmp_path) == expected


def test_a_broken_neighbour_does_not_hide_a_good_file(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.meal-dev.yaml").write_text("a: [")
    (tmp_path / F).write_text(STACK)
    assert load_stack(tmp_path / F).phase == "mvp"


def test_an_unknown_system_of_a_file_elsewhere_is_told_with_the_file(tmp_path: Path) -> None:
    """No blueprints lie beside it: those of the project are meant."""
    expected = f"{F}:5: phaseup:system: found meel; allowed: {', '.join(systems())} (did you mean meal?)"
    assert stack_message(tmp_path, ("system: meal", "system: meel")) == expected


def test_an_unknown_system(tmp_path: Path) -> None:
    blueprint(tmp_path / "blueprints")
    expected = f"{F}:5: phaseup:system: found mael; allowed: meal (did you mean meal?)"
    assert stack_message(tmp_path, ("system: meal", "system: mael")) == expected


B = "meal.yaml"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "kind: postgres",
            "kind: postgre",
            f"{B}:14: phases.mvp.blocks.db.kind: found postgre; allowed: network, server, postgres, aurora, cache, "
            "bucket, balancer, service, zone (did you mean postgres?)",
        ),
        (
            "lb: {kind: balancer}",
            "lb: {}",
            f"{B}:22: phases.growth.blocks.lb.kind: found nothing; allowed: network, server, postgres, aurora, cache, "
            "bucket, balancer, service, zone",
        ),
        (
            "cache: {nodes: 3}",
            "cache: {kind: postgres, nodes: 3}",
            f"{B}:25: phases.growth.blocks.cache.kind: found postgres; allowed: cache: a block keeps its kind for ever",
        ),
        (
            "storage: 200,",
            "storge: 200,",
            f"{B}:24: phases.growth.blocks.db.storge: found unknown key storge; allowed: instance, max_storage, "
            "multi_az, parameters, replicas, storage, version (did you mean storage?)",
        ),
        (
            'version: "17"}',
            "version: 16.10}",
            f'{B}:14: phases.mvp.blocks.db.version: found 16.10 without quotes; allowed: text in quotes, e.g. "16.10"',
        ),
        (
            "multi_az: true,",
            'multi_az: true, version: "18",',
            f"{B}:24: phases.growth.blocks.db.version: found 18; allowed: 17, as in mvp: it is fixed in every phase",
        ),
        (
            "{kind: cache, use: queue, instance: cache.t4g.micro}",
            "{kind: cache, instance: cache.t4g.micro}",
            f"{B}:16: phases.mvp.blocks.queue.use: found nothing; allowed: a value",
        ),
        (
            "count: {min: 2, max: 5}",
            "count: {min: 6, max: 5}",
            f"{B}:21: phases.growth.blocks.app.count: found min 6 above max 5; allowed: min not above max",
        ),
        (
            "azs: 3",
            "azs: 4",
            f"{B}:20: phases.growth.blocks.net.azs: found 4; allowed: a whole number from 1 to 3",
        ),
        (
            "nat: one",
            "nat: two",
            f"{B}:20: phases.growth.blocks.net.nat: found two; allowed: none, one, per_az",
        ),
        (
            "uses: [db, queue]",
            "uses: [db, kew]",
            f"{B}:13: phases.mvp.blocks.jobs.uses.kew: found kew, a role that nobody fills; allowed: api, app, cache, db, "
            "jobs, net, queue, zone",
        ),
        (
            "api: {kind: service, on: app",
            "api: {kind: service, on: apps",
            f"{B}:12: phases.mvp.blocks.api.on.apps: found apps, which is no block here; allowed: api, app, cache, db, "
            "jobs, net, queue, zone",
        ),
        (
            "www: {to: lb}",
            "www: {to: alb}",
            f"{B}:27: phases.growth.blocks.zone.hosts.www.to: found alb, which is no block here; allowed: api, app, "
            "cache, db, exports, jobs, lb, net, queue, zone",
        ),
        (
            "takes_over: db",
            "takes_over: dbb",
            f"{B}:32: phases.scale.blocks.core.takes_over: found dbb; allowed: net, app, api, jobs, db, cache, queue, "
            "zone, lb, exports, workers (did you mean db?)",
        ),
        (
            "db: null",
            "dbx: null",
            f"{B}:33: phases.scale.blocks.dbx: found null; allowed: null only for what the phase before has",
        ),
        (
            "db: {multi_az: false}",
            "dbx: {multi_az: false}",
            f"{B}:37: environments.dev.dbx: found dbx; allowed: net, app, api, jobs, db, cache, queue, zone, lb, exports, "
            "workers, core (did you mean db?)",
        ),
        (
            "db: {multi_az: false}",
            'db: {version: "16"}',
            f"{B}:37: environments.dev.db.version: found 16; allowed: what the phases say: the field is fixed",
        ),
        (
            "db: {multi_az: false}",
            "db: {multi_az: null}",
            f"{B}:37: environments.dev.db.multi_az: found null; allowed: a value: null removes a key in a phase's delta "
            "only",
        ),
        (
            "db: {multi_az: false}",
            "db: {kind: cache}",
            f"{B}:37: environments.dev.db.kind: found cache; allowed: what the phases say",
        ),
        (
            "db: {multi_az: false}",
            "db: {storage: 10}",
            f"{B}:37: environments.dev.db.storage: found 10; allowed: at least 20",
        ),
        (
            "  dev:",
            "  development:",
            f"{B}:36: environments.development: found development; allowed: dev, staging, prod (did you mean dev?)",
        ),
        (
            "system: meal",
            "system: meals",
            f"{B}:1: system: found meals; allowed: meal, as the file is named",
        ),
        (
            "serves:",
            "server:",
            f"{B}:5: phases.mvp.server: found unknown key server; allowed: blocks, budget, falls, leave, notes, purchase, "
            "serves, usage, when (did you mean serves?)",
        ),
        (
            "{low: 50, high: 100,",
            "{low: 150, high: 100,",
            f"{B}:6: phases.mvp.budget.low: found 150; allowed: at most high, which is 100",
        ),
        (
            "above: 1000,",
            "",
            f"{B}:8: phases.mvp.leave.users.above: found neither of above and below; allowed: one of them",
        ),
        (
            "zone: {kind: zone, hosts: {www: {to: app}}}",
            "zone: {kind: zone, hosts: {a: {to: app}, b: {to: app}, c: {to: app}, d: {to: app}}}",
            f"{B}:17: phases.mvp.blocks.zone.hosts: found 4 hosts; allowed: at most 3 on plan free",
        ),
        (
            "api: {kind: service, on: app, uses: [db, cache]}",
            "api: {kind: service, on: app, labels: {a: b}}\n      x: {kind: bucket}",
            "",
        ),
    ],
)
def test_blueprint(tmp_path: Path, old: str, new: str, expected: str) -> None:
    if not expected:
        blueprint(tmp_path, edited((old, new)))
        return
    assert message(blueprint, tmp_path, edited((old, new))).replace(f"{tmp_path}/", "") == expected


def test_a_union_of_scalars_may_not_disagree(tmp_path: Path) -> None:
    text = edited(
        ("api: {kind: service, on: app,", "api: {kind: service, on: app, labels: {a: b},"),
        ("lb: {kind: balancer}", "lb: {kind: balancer}\n      api: {labels: {a: c}}"),
    )
    expected = (
        f"{B}:23: phases.growth.blocks.api.labels.a: found c; allowed: b, as in mvp: it is equal in a union, which keeps "
        "both sides"
    )
    assert message(blueprint, tmp_path, text).replace(f"{tmp_path}/", "") == expected


def test_a_blueprint_that_is_not_there(tmp_path: Path) -> None:
    blueprint(tmp_path)
    expected = f"{tmp_path}/mael.yaml: (file): found no such file; allowed: meal.yaml"
    assert message(load_blueprint, "mael", tmp_path, KINDS) == expected


S = "stacks/Pulumi.meal-prod.yaml"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"phase": "growht"}, f"{S}: phaseup:phase: found growht; allowed: mvp, growth, scale (did you mean growth?)"),
        (
            {"phase": "scale", "moving": {"from": "mvp", "traffic": 0}},
            f"{S}: phaseup:moving.from: found mvp; allowed: growth; a move joins two neighbours",
        ),
        (
            {"phase": "growth", "moving": {"from": "mvp", "traffic": 50}},
            f"{S}: phaseup:moving.traffic: found 50; allowed: 0 or 100; nothing here could carry weights: no balancer "
            "of both phases with a service that changes its hosts, and no zone with load_balancing with a name that "
            "changes its origins",
        ),
        (
            {"overrides": {"bd": {"storage": 60}}},
            f"{S}: phaseup:overrides.bd: found bd; allowed: net, app, api, jobs, db, cache, queue, zone",
        ),
        (
            {"overrides": {"lb": {"idle_seconds": 60}}},
            f"{S}: phaseup:overrides.lb: found lb; allowed: net, app, api, jobs, db, cache, queue, zone",
        ),
        (
            {"overrides": {"db": {"storge": 60}}},
            f"{S}: phaseup:overrides.db.storge: found unknown key storge; allowed: instance, max_storage, multi_az, "
            "parameters, replicas, storage, version (did you mean storage?)",
        ),
        ({"overrides": {"db": {"storage": 5}}}, f"{S}: phaseup:overrides.db.storage: found 5; allowed: at least 20"),
        (
            {"overrides": {"db": {"kind": "cache"}}},
            f"{S}: phaseup:overrides.db.kind: found cache; allowed: postgres: a block keeps its kind",
        ),
        (
            {"overrides": {"db": {"version": 16.4}}},
            f"{S}: phaseup:overrides.db.version: found 16.4; allowed: phaseup:versions.db, which raises it by an apply of "
            "its own",
        ),
        (
            {"overrides": {"exports": {"kind": "bucket"}, "core": {"kind": "aurora", "instance": 16.4}}},
            f'{S}: phaseup:overrides.core.instance: found 16.4 without quotes; allowed: text in quotes, e.g. "16.4"',
        ),
        (
            {"overrides": {"app": {"count": {"min": 3}}}},
            f"{S}: phaseup:overrides.app.count: found min 3 above max 1; allowed: min not above max",
        ),
        (
            {"overrides": {"db": {"instance": "db.m7g.nano"}}},
            f"{S}: phaseup:overrides.db.instance: found db.m7g.nano, which AWS does not offer in eu-west-1; allowed: "
            "db.m7g.large, db.m7g.xlarge, db.m7g.2xlarge, db.m7g.4xlarge, db.m7g.8xlarge, db.m7g.12xlarge, "
            "db.m7g.16xlarge (cfn-lint 1.58.0, data/schemas/extensions/aws_rds_dbinstance/dbinstanceclass_enum.json, "
            "2026-10-20)",
        ),
        (
            {"overrides": {"db": {"replicas": {"a": {"instance": "db.t4g.nano"}}}}},
            f"{S}: phaseup:overrides.db.replicas.a.instance: found db.t4g.nano, which AWS does not offer in eu-west-1; "
            "allowed: db.t4g.micro, db.t4g.small, db.t4g.medium, db.t4g.large, db.t4g.xlarge, db.t4g.2xlarge (cfn-lint "
            "1.58.0, data/schemas/extensions/aws_rds_dbinstance/dbinstanceclass_enum.json, 2026-10-20)",
        ),
        (
            {"aws_region": "eu-west-9"},
            "stacks/addresses.yaml:68: meal.prod.eu-west-9: found nothing; allowed: a /16 of its own, or another region: "
            "eu-west-1, eu-central-1",
        ),
        (
            {"phase": "growth", "moving": {"from": "mvp", "traffic": 0, "data": {"db": "replicated"}}},
            f"{S}: phaseup:moving.data.db: found db; allowed: cache, queue",
        ),
        (
            {"phase": "growth", "moving": {"from": "mvp", "traffic": 0, "data": {"cache": "enabled"}}},
            f"{S}: phaseup:moving.data.cache: found enabled; allowed: replicated; the ladder is replicated, compatible, "
            "enabled, shards, global, regions",
        ),
        (
            {"retire": {"db": {"reason": "gone", "until": "2027-01-31"}}},
            f"{S}: phaseup:retire.db: found db, which stays; allowed: nothing here",
        ),
        (
            {"phase": "growth", "moving": {"from": "mvp", "traffic": 0},
             "retire": {"db": {"reason": "gone", "until": "2027-01-31"}}},
            f"{S}: phaseup:retire.db: found db, which stays; allowed: exports, lb",
        ),
        (
            {"phase": "growth", "moving": {"from": "mvp", "traffic": 0},
             "retire": {"lbb": {"reason": "gone", "until": "2027-01-31"}}},
            f"{S}: phaseup:retire.lbb: found lbb; allowed: exports, lb (did you mean lb?)",
        ),
        (
            {"phase": "growth", "moving": {"from": "mvp", "traffic": 100},
             "retire": {"lb": {"reason": "gone", "until": "2027-01-31"}}},
            f"{S}: phaseup:retire.lb: found lb at traffic 100; allowed: at traffic 100 what leaves, at 0 what arrives",
        ),
        (
            {"phase": "growth", "moving": {"from": "mvp", "traffic": 0},
             "retire": {"lb": {"reason": "gone", "until": "2026-11-21"}}},
            f"{S}: phaseup:retire.lb.until: found 2026-11-21; allowed: 2026-11-22 or later",
        ),
        (
            {"phase": "mvp", "moving": {"from": "growth", "traffic": 100},
             "retire": {"exports": {"reason": "gone", "until": "2027-01-31"}}},
            f"{S}: phaseup:retire.exports: found exports, which still fills its role; allowed: a block whose role is "
            "filled elsewhere; nothing else fills its role; keep it with an override, or let a block take it over",
        ),
        (
            {"phase": "scale", "moving": {"from": "growth", "traffic": 0, "data": {"core": "live"}},
             "retire": {"core": {"reason": "gone", "until": "2027-01-31"}}},
            f"{S}: phaseup:retire.core: found core, which fills a role that it took over; allowed: a block that never was "
            "live",
        ),
    ],
)  # fmt: skip
def test_stack_against_blueprint(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    bp = blueprint(tmp_path)
    assert message(lambda: effective(config(**changes), bp, today=TODAY)) == expected


def test_a_stack_of_another_system(tmp_path: Path) -> None:
    bp = blueprint(tmp_path)
    assert message(effective, config(system="listing"), bp) == f"{S}: phaseup:system: found listing; allowed: meal"


def test_an_error_seen_late_still_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / F
    path.write_text(STACK.replace("phase: mvp", "phase: growht"))
    expected = f"{path}:7: phaseup:phase: found growht; allowed: mvp, growth, scale (did you mean growth?)"
    assert message(effective, load_stack(path), blueprint(tmp_path / "b")) == expected


def test_phases_that_cannot_stand_side_by_side(tmp_path: Path) -> None:
    text = edited(
        ("zone: {kind: zone, hosts: {www: {to: app}}}", "zone: {kind: zone, hosts: {a: {to: app}, b: {to: app}}}"),
        ("zone: {plan: pro, hosts: {www: {to: lb}, static: {to: lb}}}",
         "zone: {hosts: {a: null, b: null, c: {to: lb}, d: {to: lb}}}"),
    )  # fmt: skip
    expected = (
        f"{S}: phaseup:moving: found mvp and growth of zone joined; allowed: two phases that can stand side by side; "
        "hosts: found 4 hosts; allowed: at most 3 on plan free"
    )
    assert message(effective, moving(), blueprint(tmp_path, text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "meal:\n  prod:\n    eu-west-1: 10.0.0.0/16\n    eu-central-1: 10.0.0.0/16\n",
            "4: meal.prod.eu-central-1: found 10.0.0.0/16, which overlaps 10.0.0.0/16 of meal.prod.eu-west-1; allowed: a "
            "network that no other entry touches",
        ),
        (
            "meal:\n  prod:\n    eu-west-1: 10.0.0.0/8\n",
            "3: meal.prod.eu-west-1: found 10.0.0.0/8; allowed: a private IPv4 network of size /16, e.g. 10.0.0.0/16",
        ),
        (
            "meal:\n  prod:\n    eu-west-1: 10.0.1.0/16\n",
            "3: meal.prod.eu-west-1: found 10.0.1.0/16; allowed: a private IPv4 network of size /16, e.g. 10.0.0.0/16",
        ),
        (
            "meal:\n  prod:\n    eu-west-1: 11.0.0.0/16\n",
            "3: meal.prod.eu-west-1: found 11.0.0.0/16; allowed: a private IPv4 network of size /16, e.g. 10.0.0.0/16",
        ),
        ("meal:\n  live: {}\n", "2: meal.live: found live; allowed: dev, staging, prod"),
        ("meal: 10.0.0.0/16\n", "1: meal: found 10.0.0.0/16; allowed: a mapping: system → environment → region → CIDR"),
    ],
)
def test_addresses(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "addresses.yaml"
    path.write_text(text)
    assert message(load_addresses, path) == f"{path}:{expected}"


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("db.storage", "--set: db.storage: found no KEY=VALUE; allowed: e.g. db.storage=200 or phase=growth"),
        ("", "--set: (nothing): found no KEY=VALUE; allowed: e.g. db.storage=200 or phase=growth"),
        ("db..storage=1", "--set: db..storage=1: found no KEY=VALUE; allowed: e.g. db.storage=200 or phase=growth"),
        ("traffic=300", f"{S}: phaseup:moving.from: found nothing; allowed: a value (The phase it comes from)"),
        ("db.x=[", "--set db.x:1: (YAML): found expected the node content, but found '<stream end>'; allowed: well-formed "
         "YAML 1.2"),
        ("phaseup:phse=x", f"{S}: phaseup:phse: found unknown key phaseup:phse; allowed: {PHASEUP} (did you mean "
         "phaseup:phase?)"),
    ],
)  # fmt: skip
def test_set(assignment: str, expected: str) -> None:
    assert message(set_value, config(), assignment) == expected


def test_the_error_crosses_processes_whole() -> None:
    error = BadInput("f.yaml", "a.b", "growht", ["mvp", "growth"], line=3, why="because")
    again = pickle.loads(pickle.dumps(error))
    assert (
        str(again) == "f.yaml:3: a.b: found growht; allowed: mvp, growth (did you mean growth?); because" == str(error)
    )


def test_white_space_alone_is_told_like_any_value() -> None:
    assert str(BadInput("a.yaml", "key", "\r", ["dev", "prod"])) == "a.yaml: key: found \r; allowed: dev, prod"
