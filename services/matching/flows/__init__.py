"""What was delivered, and how it flows between communities."""
