"""Simulated providers: what a cloud would check, diff, create and answer, from facts and the SDKs' classes."""

from phaseup.simulate.simulators import Simulators

__all__ = ["Simulators"]
