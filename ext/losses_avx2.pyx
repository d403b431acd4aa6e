"""Losses, built for AVX2: the same source, the same bits, more lanes at once."""

include "losses.pyx"
