"""Portfolios: many deals, a line each, underwritten in the processes of this machine."""
