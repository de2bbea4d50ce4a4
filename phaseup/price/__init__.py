"""What a recorded graph costs in a month: a price book, handlers by resource type, and what the blueprint assumes."""
