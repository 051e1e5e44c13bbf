"""Whether one step of a hand-off shall be taken: everything that persons decide by, as one plain document."""
