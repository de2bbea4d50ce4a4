"""The restore drill of one stack, written out: a backup that was never restored is a hope."""

from __future__ import annotations

from collections.abc import Mapping

from components.backup.spec import BackupSpec
from components.site import Site

_CHECKS = {
    "postgres": (
        "Restore the newest recovery point as a new instance with another identifier, in the data subnet group and "
        "with the security group of the block.",
        "Connect to the restored instance, compare the counts and newest timestamps of the largest tables with the "
        "running one, and run the application's read checks against it.",
        "Delete the restored instance without a final snapshot.",
    ),
    "aurora": (
        "Restore the newest recovery point as a new cluster with another identifier, in the data subnet group and with "
        "the security group of the block, and add one instance to it.",
        "Connect to the restored cluster, compare the counts and newest timestamps of the largest tables with the "
        "running one, and run the application's read checks against it.",
        "Delete the instance, then the restored cluster without a final snapshot.",
    ),
    "bucket": (
        "Restore the newest recovery point into a new, empty bucket.",
        "Compare the number of objects and the checksums of a sample of at least 100 with the running bucket.",
        "Empty and delete the new bucket.",
    ),
}


def restore_drill(spec: BackupSpec, site: Site, name: str, kinds: Mapping[str, str]) -> str:
    """Markdown: for each block and each region that has recovery points, the steps and what to write down."""
    lines = [
        f"# Restore drill: {site.prefix}-{name}",
        "",
        f"Vault in {site.region}: the output `vault` of this block."
        + (f" Copies in {', '.join(spec.regions)}." if spec.regions else " No copies in another region."),
        "",
        "| rule | schedule | kept | copies |",
        "|---|---|---|---|",
    ]
    for rule, given in sorted(spec.rules.items()):
        copies = ", ".join(f"{region} {copy.days} d" for region, copy in sorted(given.copies.items())) or "none"
        how = "any second of the last" if given.continuous else "each for"
        lines.append(f"| {rule} | `{given.schedule}` {given.timezone} | {how} {given.days} d | {copies} |")
    for region in [site.region, *spec.regions]:
        lines += ["", f"## From {region}", ""]
        if region != site.region:
            lines += ["Do this as if the stack's own region were gone: use nothing that lies there.", ""]
        number = 1
        for block in sorted(spec.blocks):
            for step in _CHECKS.get(kinds.get(block, ""), ()):
                lines.append(f"{number}. {block}: {step}")
                number += 1
        lines.append(f"{number}. Write down how long each restore took and how old its newest data was.")
    if spec.lock:
        lines += ["", _locked(spec)]
    return "\n".join(lines) + "\n"


def _locked(spec: BackupSpec) -> str:
    assert spec.lock is not None
    if spec.lock.compliance_after_days is None:
        return (
            "The vaults are locked (governance): recovery points go before their time only with the right to lift it."
        )
    return (
        f"The vaults are locked (compliance, final {spec.lock.compliance_after_days} days after they were made): "
        "nobody deletes a recovery point before its time, what a drill restores is not locked."
    )
