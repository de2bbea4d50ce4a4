"""The tool around the program: record, simulate, plan, review. It runs the program; the program never imports it."""
