"""One-time runs of jobs, whose tasks evaluate alerts and run saved queries."""
