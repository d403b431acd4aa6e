"""Analyses of a deal or of a client's own cash flow, one file an analysis, and the figures they share."""
