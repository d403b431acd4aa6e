"""Who asks: API keys, tokens, scopes."""
