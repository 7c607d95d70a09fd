"""The Spark SQL engine and Delta storage: SQL in, Arrow out. Knows no HTTP and no catalog."""
