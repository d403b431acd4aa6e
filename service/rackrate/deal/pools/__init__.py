"""Pools of loans and of ground leases: their terms, certificates, scenarios and house defaults."""
