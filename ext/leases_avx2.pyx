"""Leases, built for AVX2: the same source, the same bits, more months at once."""

include "leases.pyx"
