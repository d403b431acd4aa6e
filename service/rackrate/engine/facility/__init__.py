"""Facilities: leases, power, cash flow, valuation and tenant credit, before any debt."""
