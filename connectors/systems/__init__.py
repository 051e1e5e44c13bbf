"""One file a kind of system: ``CAPABILITIES`` and ``open_source``, found by listing this folder."""
