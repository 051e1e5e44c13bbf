"""Judge only the accounts whose records changed since a whole snapshot, and take all others over from its run."""
