"""What a deal is: frozen Structs, units and local invariants; the wire format is the domain."""
