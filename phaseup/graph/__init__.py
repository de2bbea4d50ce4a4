"""What a resource graph is: values, registrations, states, snapshots. Imports no SDK and no provider."""
