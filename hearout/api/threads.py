"""Django's database code, called from the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


async def in_thread(function: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    """Run in a thread, with a database connection that is known to work there."""

    def call() -> Result:
        from django.db import close_old_connections

        close_old_connections()
        return function(*args, **kwargs)

    return await asyncio.to_thread(call)
