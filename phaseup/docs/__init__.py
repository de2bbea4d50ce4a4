"""Pages made from blueprints, specs and the rehearsal: settings by phase, an overview, a runbook a move, the kinds."""
