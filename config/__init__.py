"""Settings, policy and language: what the house is told before it starts."""
