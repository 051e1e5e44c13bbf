"""What gates are judged by, measured from the database and the last run."""
