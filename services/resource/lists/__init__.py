"""Lists from outside and to outside."""
