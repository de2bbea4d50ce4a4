"""Whole ladders: which states and steps there are, their rehearsal, and each step judged as a move."""
