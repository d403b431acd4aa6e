"""The edge: the only folder that knows HTTP and Redis."""
