"""The policy pack, rule by rule and as a whole."""
