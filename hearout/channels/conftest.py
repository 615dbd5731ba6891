"""Failing asserts of the shared suite show their values, as those in test files do."""

import pytest

pytest.register_assert_rewrite("hearout.channels.contract", "hearout.channels.harness")
