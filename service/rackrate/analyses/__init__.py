"""The analyses: registry, identity, cost, projection; rooms of deals, of pools and of warnings."""
