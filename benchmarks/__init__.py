"""The reconciliation against the same checks written by hand in SQL and in pandas: ``python -m benchmarks``."""
