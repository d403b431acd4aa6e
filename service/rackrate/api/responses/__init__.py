"""Responses: representations, entity tags, compression, problems, streams."""
