"""What comes back: the parts that answers are made of."""
