"""What came in and went out of the offers that are a stock: a ledger of movements."""
