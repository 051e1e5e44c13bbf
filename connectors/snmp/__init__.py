"""The SNMP client: agents, the devices they report, and the device profiles as YAML."""
