"""Mistakes that are made on purpose, in the systems around the hub; nothing here knows what looks for them.

Each is begun in one market, and ended by people once the take-over has stopped for it.
"""
