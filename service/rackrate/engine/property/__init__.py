"""What secures the loans of a pool: facilities, ground leases, properties known by their totals."""
