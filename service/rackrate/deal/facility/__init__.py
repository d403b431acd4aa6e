"""Facilities: capacity, leases, tenants, power supply and operating costs."""
