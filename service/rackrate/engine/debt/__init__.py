"""The loan: its terms, service, sizing tests, size and coverage."""
