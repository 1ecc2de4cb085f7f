"""Show: pictures, tables and one web page."""
