"""Sheets of the debt: schedule, sizing, coverage."""
