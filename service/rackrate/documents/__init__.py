"""Documents of an answer, made from the deal and its underwriting: bytes in a media type."""
