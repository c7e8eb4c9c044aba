"""How good suggestions are, judged by people."""
