"""An operator is a folder of YAML: this package reads it, checks all of it, and says what is wrong at once."""
