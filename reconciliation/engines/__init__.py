"""Engines that judge the buckets of a snapshot. All give the same findings to the cent."""
