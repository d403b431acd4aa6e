"""Tables of an answer: columns with units, written as CSV, JSON, Parquet or Arrow."""
