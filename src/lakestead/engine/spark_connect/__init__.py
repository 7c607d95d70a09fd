"""Messages of the Spark Connect protocol, generated from ``spark_connect.proto`` (``make proto``)."""
