"""The policy pack without an engine: the same rules, on what a rehearsal recorded."""
