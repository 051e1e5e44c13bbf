"""Cases: findings that are worked, by runs and by persons, until their money is back."""
