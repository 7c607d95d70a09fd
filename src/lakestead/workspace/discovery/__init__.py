"""What clients look up before anything else: where they are, feature flags, and where telemetry goes."""
