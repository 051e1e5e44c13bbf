"""NETCONF (RFC 6241) as drivers need it: a change that is committed for good only once it was read back."""
