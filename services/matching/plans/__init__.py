"""The whole board at once: which suggestions together serve the needs best."""
