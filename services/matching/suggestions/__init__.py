"""Which offer may serve which need, and why."""
