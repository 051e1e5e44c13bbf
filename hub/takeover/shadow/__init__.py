"""Shadow and replay: the intents of the hub, what legacy was seen to do, and how they compare."""
