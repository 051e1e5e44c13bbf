"""Bring an acquired operator in as a market, wave by wave: what it lacks, who is asked, what was signed."""
