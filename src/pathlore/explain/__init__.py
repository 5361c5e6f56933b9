"""What a fitted model says: which paths matter, how firmly, and the networks that they form."""
