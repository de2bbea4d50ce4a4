"""How each kind is built: one pydantic spec and one ComponentResource a kind. Knows no phase, no system, no environment."""
