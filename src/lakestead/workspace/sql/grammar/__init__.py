"""The grammar of Databricks SQL commands: text in, frozen values out."""
