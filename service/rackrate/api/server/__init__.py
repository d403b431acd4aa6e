"""Processes: the supervisor, its workers, HTTP/1.1."""
