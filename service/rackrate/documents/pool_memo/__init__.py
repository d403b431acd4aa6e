"""The memo of a pool, of loans or of ground leases: what it holds, what classes lose by scenario; a PDF."""
