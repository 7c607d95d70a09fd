"""The Statement Execution API: statements and sessions over REST."""
