"""Underwriting AI data-centre debt: facility terms in, DSCR, debt sizing and a tranche structure out."""

__version__ = "0.5.0"
