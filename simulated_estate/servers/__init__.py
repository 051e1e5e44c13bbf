"""Four servers that speak the protocols of real legacy systems on loopback and serve the rows of ``Books``."""
