"""The SQL drivers' protocol: HiveServer2's Thrift service over HTTP, with Databricks' extensions."""
