"""All rules in force over populated analysis views: the engine beside the same rules written by hand in SQL."""
