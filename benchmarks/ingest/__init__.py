"""What is ingested in the benchmarks, and by whom."""
