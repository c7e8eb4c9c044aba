"""What providers offer."""
