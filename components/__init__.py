"""How each kind is built: one pydantic spec and one ComponentResource a kind, knowing no phase, system or environment."""
