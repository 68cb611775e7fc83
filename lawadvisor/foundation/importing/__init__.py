"""Excel in: read a workbook, name every bad cell, show what would change, write it, undo it."""
