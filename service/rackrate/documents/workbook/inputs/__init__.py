"""The inputs of a workbook, each with its pointer in the request."""
