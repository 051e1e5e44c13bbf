"""The mail client: one message over one connection."""
