"""What findings have in common: groups by what their subjects share, where that is more than chance."""
