"""The workspace's tree of folders: where dashboards, alerts, queries and files are."""
