"""What a book answers, by what it is about."""
