"""The pack as the engine starts it: `pulumi preview --policy-pack policies`."""

from guard.policies import policies
from pulumi_policy import EnforcementLevel, PolicyPack

PolicyPack("phaseup", policies(), EnforcementLevel.MANDATORY)
