"""Where data comes from and where it goes: recorded, read from system tables, walked, drawn, imported."""
