"""Watch the network: what is wrong, where, and who has to do something, before a customer calls."""
