"""Private data: sealed where they are kept, shown by one command, with a purpose, on record."""
