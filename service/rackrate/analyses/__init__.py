"""What may be asked of a deal: the analyses, their registry, identity, cost and projection."""
