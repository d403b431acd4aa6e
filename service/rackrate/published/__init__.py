"""Published deals underwritten again: what was printed of each, read as data and held against its answer."""
