"""Losses, built for AVX-512: the same source, the same bits, more lanes at once."""

include "losses.pyx"
