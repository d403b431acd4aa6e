"""Warnings of a deal: about its inputs, its limits and cases, and its waterfall."""
