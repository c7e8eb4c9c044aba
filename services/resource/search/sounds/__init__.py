"""How Chinese characters sound."""
