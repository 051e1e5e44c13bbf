"""What another writer did to work that the hub owns: what systems show against what the hub has told them."""
