"""Route handlers of the API, one resource a file; those of pages are in `pages`."""
