"""The `splice` command: thin commands over the hub's use cases, and how they look in a terminal."""
