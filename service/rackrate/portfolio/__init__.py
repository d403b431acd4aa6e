"""Many deals at once: their lines, and the processes of this machine that take them."""
