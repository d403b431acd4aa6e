"""Books on disk: many deals underwritten in chunks, their datasets and their manifest."""
