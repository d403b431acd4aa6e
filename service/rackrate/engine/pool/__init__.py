"""Loans of a pool as collateral: scenarios, cash flow, coverage and concentration."""
