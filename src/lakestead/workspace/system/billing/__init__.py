"""system.billing: what running warehouses would cost on Databricks, and its list prices."""
