"""PostgreSQL's parameters on RDS: which every database of ours gets, and how each takes effect."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi_aws as aws

LIBRARIES = "auto_explain,pg_stat_statements"

# Parameters that PostgreSQL reads only when it starts (context `postmaster` in pg_settings, PostgreSQL 17): RDS
# accepts them only as `pending-reboot`. Everything else is applied at once.
STATIC = frozenset(
    {
        "autovacuum_freeze_max_age",
        "autovacuum_max_workers",
        "huge_pages",
        "max_connections",
        "max_files_per_process",
        "max_locks_per_transaction",
        "max_logical_replication_workers",
        "max_pred_locks_per_transaction",
        "max_prepared_transactions",
        "max_replication_slots",
        "max_wal_senders",
        "max_worker_processes",
        "pg_stat_statements.max",
        "rds.logical_replication",
        "shared_buffers",
        "shared_preload_libraries",
        "superuser_reserved_connections",
        "track_activity_query_size",
        "track_commit_timestamp",
        "wal_buffers",
    }
)


def parameters(slow_query_ms: int, extra: Mapping[str, str]) -> list[aws.rds.ParameterGroupParameterArgs]:
    """Ours, then `extra` over them, sorted by name: the provider compares them as a set, people read them as a list."""
    values = {
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
