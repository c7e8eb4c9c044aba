"""What matching knows of needs and offers."""
