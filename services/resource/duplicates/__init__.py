"""What may be in the register twice: flagged side by side, merged or dismissed by a person."""
