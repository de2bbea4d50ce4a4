"""The genuine Pulumi engine on the simulated providers: plugins, generated projects, runs, comparison. No cloud."""
