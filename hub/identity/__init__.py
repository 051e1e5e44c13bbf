"""Which records of different systems are the same customer or premise: matching, and what a person says of it."""
