"""Text from elsewhere as a terminal may show it."""


def printable(text: str) -> str:
    """The text without anything that a terminal would obey."""
    return "".join(
        character if character.isprintable() or character == "\n" else ascii(character)[1:-1] for character in text
    )
