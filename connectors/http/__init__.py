"""What every connector over HTTP shares: the session, its errors, and the plain REST service."""
