"""Route handlers, one resource a file."""
