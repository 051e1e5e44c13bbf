"""KPIs: definitions as data, the views they stand on, and what they come to."""
