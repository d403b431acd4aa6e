"""Parts of the answers."""
