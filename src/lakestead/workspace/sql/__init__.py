"""Statements: parse, authorise, rewrite, run, record. One service for every protocol."""
