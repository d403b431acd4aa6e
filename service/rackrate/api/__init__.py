"""The HTTP API: the only folder that imports Litestar, uvicorn and Redis."""
