"""Corner cases of the step generator, grouped; each is a function of the step, and names its resources after itself."""
