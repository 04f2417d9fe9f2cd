"""The ways into a simulated meter: its optical port, and its place in a network."""
