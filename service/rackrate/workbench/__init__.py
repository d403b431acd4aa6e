"""The page underwriters use: modules as they are served, no build step, every figure from an answer."""
