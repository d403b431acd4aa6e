"""Reports: documents made from results."""
