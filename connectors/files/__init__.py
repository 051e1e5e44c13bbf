"""Files that somebody lays down: folders, which files are taken, and the rows of each format."""
