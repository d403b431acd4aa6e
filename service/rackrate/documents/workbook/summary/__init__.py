"""Sheets for a reader: cover, checks, bridge, years, figures, notes."""
