"""`lakestead profile`: monitors of many tables, declared and deployed."""
