"""The kernel's functions in plain NumPy: what the compiled ones mean. Used by tests only."""
