"""Which records of different systems are the same customer or premise: settings, scores, decisions, groups."""
