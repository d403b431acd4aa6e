"""Documents from and to bytes: JSON and MessagePack, and where they are malformed."""
