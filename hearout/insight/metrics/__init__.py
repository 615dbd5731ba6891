"""One file a metric. Its docstring is its definition; `figures.Metric` says what else it has."""
