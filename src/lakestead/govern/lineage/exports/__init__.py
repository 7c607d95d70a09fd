"""A graph of lineage in the forms that other programs read: JSON, Mermaid, Graphviz, OpenLineage."""
