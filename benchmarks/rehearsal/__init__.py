"""A year of several markets' take-over with time moved: everything real but the legacy systems and the network."""
