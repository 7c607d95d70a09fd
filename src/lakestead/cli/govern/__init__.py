"""`lakestead govern …`: what tables must be like, what they are like, and what becomes of it."""
