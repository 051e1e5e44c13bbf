"""What should have been billed against what was: expected charges, rules over them, findings with proof.

Computes over a snapshot and never over a live system, so that a finding can be computed again years later.
"""
