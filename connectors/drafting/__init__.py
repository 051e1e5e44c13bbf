"""A first mapping for an object that nobody here has seen, guessed from names, types and a few values.

::

    Description --value_types--> typed fields --field_guesses, entity_guess--> Guess --mapping_text--> YAML

Every guess is a proposal: it is written with sample values beside it, and what nothing fits is left open.
"""

from connectors.drafting.entity_guess import Guess, ListGuess, guessed
from connectors.drafting.mapping_text import mapping_text

__all__ = ["Guess", "ListGuess", "guessed", "mapping_text"]
