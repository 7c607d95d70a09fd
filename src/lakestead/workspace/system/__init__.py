"""The ``system`` catalog: what the workspace records of itself, as tables that queries read."""
