"""Runs any Pulumi Python program against a monitor of our own in place of the engine."""
