"""The analyses of a deal: registry, identity, cost, projection, and one file an analysis."""
