"""Schedules: what the workspace does by itself at times that Quartz cron expressions say."""
