"""A Salesforce org: OAuth, REST query with SOQL, describe, limits and errors as the real one words them."""
