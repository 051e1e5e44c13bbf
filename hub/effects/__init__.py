"""Effects on other systems: planned, authorised, journaled, sent once, and believed only when they show."""
