"""The memo of a pool of loans: loans, concentration, maturities, what classes lose by scenario, as a PDF."""
