"""Drivers of network elements: one file for each kind, found by listing the folder."""
