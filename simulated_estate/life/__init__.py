"""The operator's life: what happened to each subscriber, before any system has an opinion about it."""
