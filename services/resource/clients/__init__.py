"""Who is helped: what is known of them, what they consented to, how they were assessed."""
