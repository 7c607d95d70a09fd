"""INSERT, UPDATE, DELETE and MERGE: one writer at a time for each table, with the true counts of rows."""
