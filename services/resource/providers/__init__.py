"""Who has joined the resource library."""
