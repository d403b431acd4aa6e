"""What it is worth: pure functions, arrays in, arrays out."""
