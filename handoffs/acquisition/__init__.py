"""How an acquired operator is brought in: what a wave has to show to begin, and to be signed; pure."""
