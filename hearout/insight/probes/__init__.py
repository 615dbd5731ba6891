"""Probes: test posts from disclosed test accounts, to see a brand's care as its customers do.

A plan is drawn (`planning`), its probes are sent exactly once at random times (`sending`), what the test
accounts hear is kept (`hearing`), and the answers are counted by the metrics that count everybody's
(`threads`, `reporting`). Nothing but these rows tells a probe from a customer's post until it is reported.
"""
