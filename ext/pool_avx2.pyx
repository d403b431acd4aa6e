"""Loans of a pool, built for AVX2: the same source, the same bits, more lanes at once."""

include "pool.pyx"
