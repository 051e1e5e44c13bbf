"""The whole history of one service on one screen: what each system says, in the order in which it happened."""
