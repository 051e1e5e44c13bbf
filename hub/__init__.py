"""The use cases as plain functions (sync, reconcile, explain, report): the one place that knows every part."""
