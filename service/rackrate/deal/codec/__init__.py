"""Codec: JSON and MessagePack bodies decoded, with a JSON pointer for every bad field."""
