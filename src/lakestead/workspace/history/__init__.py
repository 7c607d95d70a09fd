"""What ran: the record of statements, and the query history API over it."""
