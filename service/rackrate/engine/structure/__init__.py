"""The structure: tranches, priority of payments, break-even haircuts."""
