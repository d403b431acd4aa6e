"""Analyses of pools of loans and of ground leases, and their warnings."""
