"""Sheets of the classes: coupons, sizes, priority of payments, yields, stress."""
