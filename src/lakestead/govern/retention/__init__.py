"""How long data is kept, and what is overdue."""
