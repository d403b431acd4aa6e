"""What may be sent: one request document an analysis."""
