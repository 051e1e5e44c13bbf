"""What systems send by themselves over protocols of the network: kept in the inbox before it is acknowledged."""
