"""Signs of harm in what the hub has acted on: one file each, from the database alone."""
