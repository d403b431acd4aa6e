"""Facilities: leases, power, cash flow, value and credit, before any debt."""
