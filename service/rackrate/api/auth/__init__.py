"""Authentication and authorisation: API keys, tokens, scopes."""
