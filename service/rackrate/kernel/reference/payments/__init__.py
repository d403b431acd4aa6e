"""The parts of a waterfall's period in plain NumPy: twins of ``ext/payments``."""
