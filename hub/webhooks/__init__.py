"""Events that other systems send: the endpoint that keeps them in the inbox before it answers."""
