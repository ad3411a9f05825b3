"""What a run says of the one that it goes on from."""

from __future__ import annotations

from focusfit.training.run_description import changes_since


def test_only_what_changed_is_named():
    then = {"config": {"seed": 0}, "settings": {"config": {"step1": {"rate": 1, "decay": 2}, "size": 112}}, "photos": 5}
    now = {"config": {"seed": 1}, "settings": {"config": {"step1": {"rate": 3, "decay": 2}, "size": 112}}, "photos": 6}
    assert changes_since(then, now) == "seed 0 (now 1), config.step1.rate 1 (now 3), 5 photos (now 6)"
    assert changes_since(now, now) == ""


def test_where_networks_came_from_need_not_be_told_again():
    then, now = ({"config": {}, "settings": {"start": start}, "photos": 5} for start in ("here", None))
    assert changes_since(then, now) == ""
    assert changes_since(now, then) == "start None (now here)"
