"""Rent rolls: a file as an underwriter gets it in, leases and a report of what was not read out."""
