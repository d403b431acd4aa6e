"""Certificates on a pool: their classes, priority of payments, break-evens and figures."""
