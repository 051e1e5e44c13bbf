"""The Salesforce client: the org behind simple-salesforce, and the queries it is asked."""
