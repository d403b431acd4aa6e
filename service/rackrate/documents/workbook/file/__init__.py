"""The file: sheets, formats and charts as a spreadsheet opens them."""
