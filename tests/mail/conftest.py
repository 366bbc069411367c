"""The loop of the mail tests: they ask one server many questions at once, and some that it never answers."""

from __future__ import annotations

from tests.patient_loop import pytest_asyncio_loop_factories

__all__ = ["pytest_asyncio_loop_factories"]
