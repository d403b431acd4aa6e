"""Rate limits, queues' slots and budgets: what is refused, and when to retry."""
