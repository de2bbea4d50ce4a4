"""The load of a move: what is hosted goes into what takes its role over, done by the host that has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options

HOURS: Final = 6
"""After which the load has failed, and so has the apply that waits for it."""


@dataclass(frozen=True)
class HostedLoadArgs:
    """`hosted` is the block that is taken over, `server` its server."""

    site: Site
    hosted: str
    server: str


class HostedLoad(pulumi.ComponentResource):
    """A document that has the host dump and load, and an association that runs it once: the apply ends with it.

    A second run does no harm: the host loads only while the role is fenced, and only into a database without tables.
    """

    def __init__(self, name: str, args: HostedLoadArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:HostedLoad", name, None, opts)
        site = args.site
        document = aws.ssm.Document(
            f"{name}-load",
            region=site.region,
            name=f"{site.prefix}-{name}-load",
            document_type="Command",
            document_format="JSON",
            target_type="/AWS::EC2::Instance",
            content=pulumi.Output.json_dumps(
                {
                    "schemaVersion": "2.2",
                    "description": f"Load {args.hosted} into {name} and compare the two",
                    "mainSteps": [
                        {
                            "action": "aws:runShellScript",
                            "name": "load",
                            "inputs": {
                                "timeoutSeconds": str(HOURS * 3600),
                                "runCommand": [f"/usr/bin/python3 /opt/phaseup/host load {args.hosted} {name}"],
                            },
                        }
                    ],
                },
                sort_keys=True,
            ),
            tags=site.tagged(),
            opts=child_options(self),
        )
        aws.ssm.Association(
            f"{name}-load-once",
            region=site.region,
            association_name=f"{site.prefix}-{name}-load",
            name=document.name,
            document_version="$LATEST",
            targets=[{"key": "tag:Name", "values": [f"{site.prefix}-{args.server}"]}],
            compliance_severity="UNSPECIFIED",
            wait_for_success_timeout_seconds=HOURS * 3600,
            tags=site.tagged(),
            opts=child_options(self),
        )
        self.register_outputs({"document": document.name})
