"""Rules that rows must keep: checked in the warehouse, the rows that break them set aside."""
