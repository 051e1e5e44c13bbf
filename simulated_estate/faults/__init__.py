"""Faults on demand: what can go wrong on a wire or in a feed, seeded, so that a run can be repeated."""
