"""Figures of a pool's answer by part: loans, concentration, certificates."""
