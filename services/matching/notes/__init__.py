"""What was written about matches: sealed where it is kept, shown with a purpose, on record."""
