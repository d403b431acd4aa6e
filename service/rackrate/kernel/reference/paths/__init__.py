"""The parts of a simulated path in plain NumPy: twins of ``ext/paths``."""
