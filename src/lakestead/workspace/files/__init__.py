"""Files in volumes: the Files API, uploads in parts, links."""
