"""Tables from CSV files and Excel workbooks as people have them, cell by cell."""
