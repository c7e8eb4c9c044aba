"""The words that the resource service files things under: which categories are related, what lies next to what."""
