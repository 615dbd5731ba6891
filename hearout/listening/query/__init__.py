"""The query language: what an admin writes, read into a tree, shown in words, held against posts."""
