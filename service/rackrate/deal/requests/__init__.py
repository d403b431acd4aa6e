"""Requests: one document for each analysis, and its checks."""
