"""The hub's own database: what was read, what was known when, how far each pull came, what was found."""
