"""PostgreSQL's parameters on RDS: which every database of ours gets, and how each takes effect."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi_aws as aws

LIBRARIES = "auto_explain,pg_stat_statements"
FENCED: Mapping[str, str] = {"default_transaction_read_only": "1"}
"""Read when a transaction begins, also by sessions that are open: who writes to an instance whose role goes to another
block gets an error, and the write is not lost."""

# A standby starts only with room for as much as its primary (PostgreSQL documentation, "Hot Standby", Administrator's
# Overview), and RDS reckons the room from the class: a replica of half the size has half. So both are figures, the same
# for every instance and phase; 400 is about what RDS gives 4 GiB. A new one counts from the next reboot, which nothing
# does by itself: replicas first to raise it, the primary first to lower it.
STANDBY: Mapping[str, str] = {"max_connections": "400", "max_worker_processes": "16"}

# Parameters that PostgreSQL reads only when it starts (context `postmaster` in pg_settings, PostgreSQL 17): RDS
# accepts them only as `pending-reboot`. Everything else is applied at once.
STATIC = frozenset(
    {
        "autovacuum_freeze_max_age",
        "autovacuum_max_workers",
        "autovacuum_multixact_freeze_max_age",
        "commit_timestamp_buffers",
        "huge_pages",
        "logging_collector",
        "max_connections",
        "max_files_per_process",
        "max_locks_per_transaction",
        "max_logical_replication_workers",
        "max_notify_queue_pages",
        "max_pred_locks_per_transaction",
        "max_prepared_transactions",
        "max_replication_slots",
        "max_wal_senders",
        "max_worker_processes",
        "min_dynamic_shared_memory",
        "multixact_member_buffers",
        "multixact_offset_buffers",
        "notify_buffers",
        "pg_stat_statements.max",
        "rds.logical_replication",
        "reserved_connections",
        "serializable_buffers",
        "shared_buffers",
        "shared_preload_libraries",
        "subtransaction_buffers",
        "superuser_reserved_connections",
        "track_activity_query_size",
        "track_commit_timestamp",
        "transaction_buffers",
        "wal_buffers",
    }
)


def parameters(slow_query_ms: int, extra: Mapping[str, str]) -> list[aws.rds.ParameterGroupParameterArgs]:
    """Ours, then `extra` over them, sorted by name: the provider compares them as a set, people read them as a list."""
    values = {
        **STANDBY,
        "rds.force_ssl": "1",
        "shared_preload_libraries": LIBRARIES,
        "pg_stat_statements.track": "top",
        "track_io_timing": "1",
        "log_min_duration_statement": str(slow_query_ms),
        "log_lock_waits": "1",
        "log_temp_files": "10240",
        "log_autovacuum_min_duration": "10000",
        "log_connections": "1",
        "log_disconnections": "1",
        # A transaction left open by a dead worker holds back vacuum for the whole cluster: ten minutes, then it ends.
        "idle_in_transaction_session_timeout": "600000",
        **extra,
    }
    return [
        aws.rds.ParameterGroupParameterArgs(
            name=name, value=value, apply_method="pending-reboot" if name in STATIC else "immediate"
        )
        for name, value in sorted(values.items())
    ]
