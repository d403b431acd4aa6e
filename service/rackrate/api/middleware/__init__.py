"""ASGI middleware: access log, admission control, response cache."""
