"""Make orders ready: qualify the address, keep a port and a device, tell field service, begin the saga."""
