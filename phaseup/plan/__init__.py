"""Planning: the engine's step generator over simulated providers, with reasons, a verdict and the plan's JSON."""
