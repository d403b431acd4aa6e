"""The workbook of an underwriting: its inputs, and live formulas that recompute the answer from them."""
