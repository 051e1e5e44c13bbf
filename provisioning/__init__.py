"""Zero-touch provisioning: what a service needs on the network, planned as data before anything is touched."""
