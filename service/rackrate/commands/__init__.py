"""Commands: what `rackrate` does at a terminal, a file each; only what a command needs is loaded for it."""
