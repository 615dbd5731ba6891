"""A small social network over real HTTP, for the demo, drills, load and acceptance tests."""
