"""The go/no-go report of a step of a take-over, as PDF and as Markdown."""
