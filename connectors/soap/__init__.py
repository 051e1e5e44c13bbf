"""The SOAP client: the service behind zeep, and records out of its XML."""
