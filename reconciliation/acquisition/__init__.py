"""An estate that was bought and is brought in by waves: what its accounts pay, and what became of them; pure."""
