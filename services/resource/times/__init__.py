"""When there is how much of an offer that is no stock."""
