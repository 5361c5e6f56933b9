"""What the field has written down: readers of its tables, each to the same few columns, and where to fetch them."""
