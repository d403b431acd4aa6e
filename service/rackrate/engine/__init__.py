"""Pure functions on arrays, in a stack of rooms: facility, debt, structure, simulation."""
