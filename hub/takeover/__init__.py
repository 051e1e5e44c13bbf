"""A take-over at work: what is measured, what is watched, and what is done about it."""
