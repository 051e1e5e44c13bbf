"""Prefect flows: thin, one file each, named for what a person wants done. The only importer of Prefect."""
