"""The four hand-offs between an operator's systems, how far each is taken over, and who may act."""
