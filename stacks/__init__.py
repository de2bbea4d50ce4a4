"""What runs: stack files, blueprints, the models that validate them, moves between phases, and their composition."""
