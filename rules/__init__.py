"""What an operator's YAML says and nobody programs: expressions, leakage rules, and what a batch must live up to.

* `rules.types`, `rules.expressions`: SQL scalar expressions, typed and confined, rendered for DuckDB and Spark.
* `rules.rule`, `rules.rulebook`, `rules.compiled`, `rules.examples`: rule packs, an operator's overrides, and the
  rules that hold in a market on a day, checked against the views they stand on.
* `rules.quality_suite`, `rules.quality`: Great Expectations suites a batch passes before it is stored.
"""
