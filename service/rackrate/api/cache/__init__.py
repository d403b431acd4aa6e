"""The cache of answers: in memory or in Redis."""
