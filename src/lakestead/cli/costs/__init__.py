"""`lakestead costs …`: what a lakehouse costs, who it is for, and what could be saved."""
