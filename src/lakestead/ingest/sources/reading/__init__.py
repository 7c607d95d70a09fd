"""How texts become typed rows and Parquet files: what sources of files and of APIs share."""
