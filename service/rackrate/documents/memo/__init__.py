"""The credit memo of an underwriting: sentences, tables and charts of the answer as a PDF."""
