"""The parts of COPY INTO: which files are new, and how their columns become the table's."""
