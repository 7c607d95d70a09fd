"""Lineage, classification, PII, policies and compliance."""
