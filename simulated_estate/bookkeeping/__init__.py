"""How the four systems keep their books: one file per system, whose docstring lists the fields of its rows."""
