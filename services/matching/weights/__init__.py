"""How much each part of a score counts; operators and the office change it."""
