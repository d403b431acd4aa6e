"""The workbook of a pool: tables of the answer with live sums, the class schedule by month, checks."""
