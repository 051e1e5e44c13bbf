"""Carry out sagas: take each step of a service's provisioning, journaled, and wherever it was interrupted."""
