"""The same posts and cases as in the tests of cases."""

from hearout.cases.conftest import town

__all__ = ["town"]
