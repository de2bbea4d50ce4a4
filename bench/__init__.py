"""Measures what the design sets limits for, and writes docs/figures.md."""
