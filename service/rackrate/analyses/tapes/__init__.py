"""Loan tapes and rent rolls: files as filed in, loans and leases out, with a report of what was not read."""
