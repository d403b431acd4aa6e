"""The loan: its terms, debt service, sizing tests, sizing and coverage ratios."""
