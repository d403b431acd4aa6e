"""Pools: loans and ground leases as collateral, and the certificates on them."""
