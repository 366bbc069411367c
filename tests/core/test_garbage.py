"""The app's own time for collections of garbage."""

from __future__ import annotations

import gc
import weakref

from launchready_tui.garbage import FULL, MIDDLE, YOUNG, collect_where_due, collected_by_hand


class Ring:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.itself = self


def old_garbage() -> weakref.ref[Ring]:
    """A ring that a full collection alone finds, since it has outlived the others."""
    ring = Ring()
    gc.collect(1)
    return weakref.ref(ring)


def test_a_full_collection_comes_only_where_it_is_due() -> None:
    with collected_by_hand():
        gc.collect()
        ring = old_garbage()
        collect_where_due()
        assert ring() is not None
        for _ in range(FULL):
            gc.collect(1)
        collect_where_due()
        assert ring() is None


def test_the_middle_generation_is_looked_at_only_where_it_is_due() -> None:
    with collected_by_hand():
        gc.collect()
        ring = Ring()
        gc.collect(0)  # from now on it is of the middle generation
        found = weakref.ref(ring)
        del ring
        kept: list[list[int]] = [[] for _ in range(YOUNG * 2)]
        assert found() is not None, "no collection of its own accord"
        for _ in range(MIDDLE):
            gc.collect(0)
        collect_where_due()
        assert found() is None
        assert len(kept) == YOUNG * 2


def test_afterwards_all_is_as_it_was() -> None:
    before = gc.get_threshold()
    with collected_by_hand():
        ring = old_garbage()
    assert gc.get_threshold() == before and gc.get_freeze_count() == 0
    gc.collect()
    assert ring() is None


def test_nothing_is_collected_while_modules_are_loaded() -> None:
    with collected_by_hand():
        gc.collect()
        ring = old_garbage()
        gc.disable()
        try:
            for _ in range(FULL):
                gc.collect(1)
            collect_where_due()
            assert ring() is not None
        finally:
            gc.enable()
