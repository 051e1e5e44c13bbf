"""A snapshot: the canonical model of one market at one moment, in files that are enough to judge it years later."""
