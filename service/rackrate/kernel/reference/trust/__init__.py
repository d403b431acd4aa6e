"""The parts of a trust that issues certificates in plain NumPy: twins of ``ext/trust``."""
