"""Simulated providers: what a cloud provider would check, diff, create and answer, from facts and the SDKs' own classes."""
