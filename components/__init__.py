"""How each kind is built: one pydantic spec and one ComponentResource; knows no phase, no system, no environment."""
