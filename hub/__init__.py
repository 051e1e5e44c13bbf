"""The use cases as plain functions: sync, snapshot, reconcile, explain, report. The one place that knows every part."""
