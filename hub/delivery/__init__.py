"""Finished reports on their way out: by mail, or into a folder."""
