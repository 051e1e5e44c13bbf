"""The systems of others: pull from them, and map what they say into the canonical model.

``ports`` is the contract, ``systems/`` holds one file a kind of system, found by listing the folder.
"""
