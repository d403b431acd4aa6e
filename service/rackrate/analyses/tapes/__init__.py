"""Loan tapes: files as filed in and out, loans with a report of what was not read."""
