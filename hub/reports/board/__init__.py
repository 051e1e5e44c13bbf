"""The page for the board: one market on one page of paper."""
