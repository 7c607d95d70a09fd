"""Columns whose content is known, to measure what finds personal data."""
