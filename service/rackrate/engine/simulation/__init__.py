"""Simulated paths: their inputs, their run and the estimates."""
