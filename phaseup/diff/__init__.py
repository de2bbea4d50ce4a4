"""What a branch changes: both sides recorded with their own code, and the steps from the one to the other."""
