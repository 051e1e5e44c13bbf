"""Databases that speak SQL: how each is opened read-only, how its values are read, what its errors mean."""
