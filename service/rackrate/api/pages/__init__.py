"""Routes of pages and documents: the workbench, the contract, and the addresses tried first."""
