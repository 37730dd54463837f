"""Paths that several tests need."""

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY
