"""The workspace's pages for people: what there is, and its dashboards."""
