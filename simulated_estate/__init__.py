"""Stand-ins for an operator's legacy systems, with mistakes planted and the true money of each written down.

Stands apart: it imports nothing of Splice and lives by its own idea of what an operator is.
"""
