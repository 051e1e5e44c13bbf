"""Elements and controllers that speak RESTCONF (RFC 8040)."""
