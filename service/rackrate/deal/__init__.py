"""The deal: requests and answers as frozen Structs, units, local invariants."""
