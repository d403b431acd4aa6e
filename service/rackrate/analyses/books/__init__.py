"""Analyses of a book: many deals underwritten as one."""
