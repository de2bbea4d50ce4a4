"""What a resource graph is: values, registrations, states, snapshots. Imports neither the SDK's runtime nor a provider."""
