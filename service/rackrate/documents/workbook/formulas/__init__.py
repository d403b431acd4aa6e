"""Formulas by name: their grammar, their addresses, the rows and cells that hold them, their values."""
