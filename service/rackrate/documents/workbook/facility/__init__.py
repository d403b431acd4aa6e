"""Sheets of the facilities: time, rent roll, power, cash flow."""
