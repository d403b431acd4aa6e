"""Books: exposures, maturities and joint losses of many deals."""
