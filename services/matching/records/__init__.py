"""What became of what each provider gave."""
