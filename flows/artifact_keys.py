"""Keys of artifacts."""


def artifact_key(*names: str) -> str:
    """Lower-case letters, digits and dashes, which is all that a key may have; names are joined by dashes."""
    joined = "-".join(names).lower()
    return "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in joined)
