"""SQL alerts: queries whose result is compared with a threshold, on schedule and on demand."""
