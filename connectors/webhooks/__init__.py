"""What other systems send us: whether it is theirs, and which events it holds."""
