"""Notifications: messages of the workspace to e-mail addresses and notification destinations."""
