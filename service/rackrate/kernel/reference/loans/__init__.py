"""A loan of a pool in plain NumPy: twins of ``ext/loans``."""
