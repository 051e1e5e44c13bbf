"""Which findings have one cause in common: groups by what their subjects share, and whether that is more than chance."""
