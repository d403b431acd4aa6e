"""Charts of a memo as SVG: marks that differ in lightness too, their figures in a table of the same page."""
