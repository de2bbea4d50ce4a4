"""Modes that have an order: the rungs, which of them cannot be taken back, and what must hold before each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args, get_origin

from components.spec import Join, Spec, join_of
from stacks.models import Block


@dataclass(frozen=True)
class Rung:
    """One value of `phaseup:moving.data.<block>`; `check` says how an operator sees that `precondition` holds."""

    name: str
    precondition: str
    check: str
    irrevocable: bool = False
    """Once taken, the move cannot be taken back either, and traffic may not fall."""
    one_way: bool = False
    """No lower shape exists once it is taken, but the move itself may be taken back around it."""
    manual: str = ""
    """How to come down by hand where no rung leads down."""

    @property
    def final(self) -> bool:
        """Whether no way leads back under it."""
        return self.irrevocable or self.one_way


@dataclass(frozen=True)
class Ladder:
    """Rungs in their only order. `fills_at`: the rung from which a block fills the role it takes over."""

    name: str
    rungs: tuple[Rung, ...]
    fills_at: str = ""
    optional: tuple[str, ...] = ()
    """Rungs taken only where a field of the spec asks for them."""
    later: tuple[str, ...] = ()
    """Those of them that a block does not take as it arrives: it comes with what its predecessor has."""
    reversible: bool = False
    """Each rung may be gone back over too, one an apply: nothing is lost either way."""
    parts: str = ""
    """The rung of which a block of several shards has one for each, so that each is an apply of its own."""

    @property
    def names(self) -> list[str]:
        """The rungs' names, lowest first."""
        return [rung.name for rung in self.rungs]

    def rung(self, name: str) -> Rung:
        """The rung of that name."""
        return self.rungs[self.names.index(name)]

    def reached(self, current: str | None, rung: str) -> bool:
        """Whether a block that stands on `current` has `rung` behind it or under it."""
        return current is not None and self.names.index(current) >= self.names.index(rung)


_ROWS: Final = Rung(
    "rows", "the application has copied the rows of each key to the shard that is to hold them, and keeps both in step",
    "each key's rows counted in the first shard and in its own agree, and so do the newest of them", one_way=True,
    manual="copy the rows of each key back into the first shard, then take its line of `holds` out of the overrides; "
    "`shards` goes from there last, once an instance holds nothing and its protection was lifted by hand",
)  # fmt: skip

AURORA: Final = Ladder(
    "aurora takes over postgres",
    (
        Rung("follow", "the instance is available with backups on, no other cluster follows it, and Aurora has its "
             "very version",
             "aws rds describe-db-engine-versions --engine aurora-postgresql lists the instance's EngineVersion; "
             "afterwards AuroraReplicaLag of the cluster falls and stays below a second"),
        Rung("fence", "lag below a second, and a moment in which the role's users may stand still",
             "AuroraReplicaLag of the cluster stays below 1000 ms; nobody has a transaction open in pg_stat_activity "
             "that must not be cut off"),
        Rung("promote", "nobody writes any more and the cluster has replayed all of it",
             "pg_stat_activity on the instance shows no client of the role, and pg_last_wal_replay_lsn() on the "
             "cluster equals pg_current_wal_lsn() on the instance", irrevocable=True,
             manual="dump the cluster (pg_dump) and load it into a new instance, as a block that takes over"),
        Rung("live", "the cluster accepts writes",
             "pg_is_in_recovery() on the cluster's endpoint is false and a row written there is read back"),
        _ROWS,
        Rung("global", "every instance is of a memory-optimised class or db.serverless, and the cluster is available",
             "aws rds describe-db-instances shows db.r, db.x or db.serverless for each of the cluster's"),
        Rung("regions", "the global database is available, and the network reaches the other region",
             "aws rds describe-global-clusters shows available, and the other region's data subnets are there; "
             "afterwards AuroraGlobalDBReplicationLag is reported there and stays below a second"),
    ),
    fills_at="live",
    optional=("rows", "global", "regions"),
    later=("rows",),
    parts="promote",
)  # fmt: skip

# ElastiCache user guide, "Restoring from a backup into a new cache": no backup of a group with cluster mode enabled
# goes into one with it disabled; "Modifying cluster mode": `cluster-enabled` is yes from mode compatible on (2026-11).
_KEY_BY_KEY: Final = (
    "copy the keys into a new group with cluster mode disabled, as a block that takes over: on each primary SCAN, and "
    "DUMP, PTTL and RESTORE of each key, or the application writes to both"
)

CACHE: Final = Ladder(
    "cache",
    (
        Rung("replicated", "the node class is the same on both sides of the change, and clients reconnect on failover",
             "the group's status is available, and its clients use the primary endpoint's name, not an address"),
        Rung("compatible", "failover is on with at least one replica, and every key lives in database 0",
             "INFO keyspace lists db0 alone; AutomaticFailover is enabled", irrevocable=True,
             manual=f"{_KEY_BY_KEY}; of backups, only one from before this rung can be restored there"),
        Rung("enabled", "every client speaks the cluster protocol through the configuration endpoint (CLUSTER_HOST)",
             "no CROSSSLOT or MOVED error in the clients' logs for a day", irrevocable=True,
             manual=f"{_KEY_BY_KEY}; no backup in cluster mode can be restored there"),
        Rung("shards", "memory of each shard after the split fits its node",
             "DatabaseMemoryUsagePercentage below 60 on every node", one_way=True,
             manual="reshard to fewer shards by hand, once their data fits in what stays"),
        Rung("global", "the node class may join a global datastore (large or above, no t class), and no snapshot or "
             "other change of the group is under way",
             "the class is one of m5, m6g, m7g, r5, r6g, r6gd, r7g, c7gn in size large or above, the group available"),
        Rung("regions", "the global datastore is available, and the network reaches the other region",
             "the global datastore's status is primary-only, and the other region's data subnets are there; afterwards "
             "GlobalDatastoreReplicationLag is reported and stays below a second"),
    ),
)  # fmt: skip

SHARDS: Final = Ladder("shards of postgres", (_ROWS,))

BROKER: Final = Ladder(
    "broker cluster takes over a broker",
    (
        Rung("both", "the new brokers answer", "consumers are connected to both; the new queues are empty"),
        Rung("produce", "consumers read from both", "each old queue has a consumer and each new one too"),
        Rung("drained", "nothing is produced to the old broker", "messages ready and unacknowledged there are both 0"),
    ),
    fills_at="produce",
    reversible=True,
)  # fmt: skip

LOAD: Final = Ladder(
    "postgres takes over a server's data",
    (
        Rung("empty", "the instance is available, and as large as what it takes over",
             "psql connects to the block's own name and lists no table; its storage is above the volume's used bytes"),
        Rung("fence", "a moment in which the role's users may stand still, as long as dump and load take",
             "a dump of the night before says how long; nobody has a transaction open in pg_stat_activity that must "
             "not be cut off"),
        Rung("load", "nobody is connected any more: the apply has the host dump, load and compare the rows, and ends "
             "with it", "pg_stat_activity on the server shows no client; the host is online in Systems Manager"),
        Rung("live", "every row is in the instance",
             "the association <stack>-<block>-load has status Success, and its output names as many tables as the "
             "server has", irrevocable=True,
             manual="dump the instance and load it into a block of kind hosted, as one that takes over"),
        _ROWS,
    ),
    fills_at="live",
    optional=("rows",),
    later=("rows",),
)  # fmt: skip

REFILL: Final = Ladder(
    "a cache takes over a server's data",
    (
        Rung("empty", "the group answers", "its status is available, and DBSIZE on the block's own name is 0"),
        Rung("fence", "a queue is empty, as its jobs stay behind; of a cache, a moment without it",
             "every queue has 0 waiting, active and delayed jobs, and nothing adds any"),
        Rung("live", "nothing is written to the old one any more",
             "CLIENT LIST on the server shows no client of the role",
             manual="export the group's last snapshot to a bucket (aws elasticache copy-snapshot --target-bucket), and "
             "start the server's engine, of no older version, from that file; several shards leave a file each, so "
             "then copy the keys instead: on each primary SCAN, and DUMP, PTTL and RESTORE of each key"),
        *CACHE.rungs,
    ),
    fills_at="live",
    optional=tuple(CACHE.names),
    later=tuple(CACHE.names),
)  # fmt: skip


def _restore(*own: Rung) -> Ladder:
    """`own` are those of the kind, which a later move takes."""
    names = tuple(rung.name for rung in own)
    return Ladder(
        "restore from a snapshot",
        (
            Rung("empty", "the new block is available with what the snapshot has",
                 "a read through the block's own name finds the newest row, or key, that the snapshot can have"),
            Rung("fence", "a moment in which the role's users may stand still", "the damage is understood, and whether "
                 "what was written since the snapshot can be had from what is there"),
            Rung("load", "nobody who uses the role works any more, and what was written since the snapshot was brought "
                 "over by hand where it can be",
                 "the rows that are missing are counted and written down; nothing is connected to the old block"),
            Rung("live", "what is in the new block is what is to be served",
                 "the application's read checks pass against the block's own name", irrevocable=True,
                 manual="restore the old block's final snapshot the same way: it is made when the old block leaves"),
            *own,
        ),
        fills_at="live",
        optional=names,
        later=names,
    )  # fmt: skip


RESTORES: Final = {
    "postgres": _restore(_ROWS),
    "aurora": _restore(_ROWS, AURORA.rung("global"), AURORA.rung("regions")),
    "cache": _restore(*CACHE.rungs),
    "hosted": _restore(),
}
"""By kind, for a block that is born from a snapshot."""

TLS: Final = Ladder(
    "TLS in transit",
    (
        Rung("preferred", "the engine accepts both", "the engine's version is Valkey 7.2, Redis 7.0.5 or later"),
        Rung("required", "every client connects with TLS",
             "no client without TLS in CLIENT LIST, or in pg_stat_ssl, for a day"),
    ),
)  # fmt: skip

# A block stands on the first that has all rungs that its fields name: one with few before one that has them among more.
LADDERS: Final = (CACHE, SHARDS, AURORA, BROKER, LOAD, REFILL, TLS)
_TAKING_OVER: Final = {"aurora": AURORA, "broker": BROKER, "postgres": LOAD, "cache": REFILL}


def declared_rungs(model: type[Spec], field: str) -> tuple[str, ...]:
    """The rungs a `ladder` field is raised by: one, or one for each of its words after the first."""
    extra = model.model_fields[field].json_schema_extra
    rungs = extra.get("rung", ()) if isinstance(extra, dict) else ()
    return tuple(map(str, rungs)) if isinstance(rungs, list | tuple) else (str(rungs),)


def words(model: type[Spec], field: str) -> tuple[str, ...]:
    """The values of a ladder field that is raised word by word, lowest first; empty for a number."""
    annotation = model.model_fields[field].annotation
    return tuple(get_args(annotation)) if get_origin(annotation) is Literal else ()


def ladder_of(block: Block) -> Ladder | None:
    """The ladder a block stands on: of what it takes over, else the one whose rungs its fields name."""
    if block.takes_over and getattr(block.spec, "restore", None) and block.kind in RESTORES:
        return RESTORES[block.kind]
    taking_over = takeover_of(block)
    if taking_over is not None:
        return taking_over
    model = type(block.spec)
    named = {rung for field in ladder_fields(model) for rung in declared_rungs(model, field)}
    return next((ladder for ladder in LADDERS if named and named <= set(ladder.names)), None)


def takeover_of(block: Block) -> Ladder | None:
    """The ladder by which a block of its kind takes a role over from one of another; None where it took none."""
    return _by_part(_TAKING_OVER[block.kind], block) if block.takes_over and block.kind in _TAKING_OVER else None


def _by_part(ladder: Ladder, block: Block) -> Ladder:
    """A ladder with one rung a shard where it has such, the first shard's first."""
    shards = getattr(block.spec, "shards", None)
    if not ladder.parts or not shards:
        return ladder
    first = getattr(block.spec, "first", "")
    names = sorted(shards, key=lambda shard: (shard != first, shard))
    rungs: list[Rung] = []
    for rung in ladder.rungs:
        rungs += [replace(rung, name=part_rung(rung.name, of)) for of in names] if rung.name == ladder.parts else [rung]
    return replace(ladder, rungs=tuple(rungs))


def part_rung(rung: str, part: str) -> str:
    """The name of a rung that one shard takes: `promote-two`."""
    return f"{rung}-{part}"


def ladder_fields(model: type[Spec]) -> Iterator[str]:
    """The fields of a spec that a ladder governs."""
    return (field for field in model.model_fields if join_of(model, field) is Join.LADDER)


def needed_rungs(old: Block | None, new: Block) -> list[str]:
    """The rungs to take, in order, to bring a block from one phase's shape to the other's; none for going down."""
    ladder = ladder_of(new)
    if ladder is None:
        return []
    if old is None:
        return [name for name in ladder.names if _at_arrival(ladder, new.spec, name)] if new.takes_over else []
    wanted = {rung for _, rungs in raised(old.spec, new.spec) for rung in rungs}
    return [name for name in ladder.names if name in wanted]


def _at_arrival(ladder: Ladder, spec: Spec, rung: str) -> bool:
    if rung not in ladder.optional:
        return True
    asked = (field for field in ladder_fields(type(spec)) if rung in declared_rungs(type(spec), field))
    return rung not in ladder.later and any(getattr(spec, field) for field in asked)


def final_rung(old: Block | None, new: Block, rung: str) -> Rung | None:
    """The highest irrevocable rung that a move between the two has taken when it stands on `rung`; what an earlier move
    took does not bind this one."""
    ladder = ladder_of(new)
    if ladder is None:
        return None
    wanted = needed_rungs(old, new)
    taken = wanted[: wanted.index(rung) + 1] if rung in wanted else []
    return next((ladder.rung(name) for name in reversed(taken) if ladder.rung(name).irrevocable), None)


def raised(old: Spec, new: Spec) -> Iterator[tuple[str, Sequence[str]]]:
    """Each ladder field that rises from one spec to the other, with the rungs that raise it."""
    model = type(old)
    for field in ladder_fields(model):
        before, after, rungs = getattr(old, field), getattr(new, field), declared_rungs(model, field)
        order = words(model, field)
        if order and order.index(after) > order.index(before):
            yield field, rungs[order.index(before) : order.index(after)]
        elif isinstance(after, dict):
            if any(_new_of_key(before, key, value) for key, value in after.items()):
                yield field, rungs
        elif not order and after > before:
            yield field, rungs


def _new_of_key(before: dict[str, Any], key: str, value: Any) -> bool:
    # A spec behind a key that was there has joins of its own.
    return key not in before or (value != before[key] and not isinstance(value, Spec))


def fields_up_to(ladder: Ladder, model: type[Spec], rung: str) -> list[str]:
    """The fields raised by `rung` or by one below it."""
    under = ladder.names[: ladder.names.index(rung) + 1]
    return [field for field in ladder_fields(model) if set(declared_rungs(model, field)) & set(under)]


def lowered(old: Spec, new: Spec) -> Iterator[tuple[str, Sequence[str]]]:
    """Each ladder field that falls from one spec to the other, with the rungs it would go back over."""
    yield from raised(new, old)
