"""The structure: classes, priority of payments, and how far cash may fall."""
