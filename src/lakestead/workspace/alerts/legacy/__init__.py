"""Legacy alerts: they look at a saved query, and are evaluated by runs of jobs alone."""
