"""Requests: bodies, idempotency keys, POSTs read ahead of the framework."""
