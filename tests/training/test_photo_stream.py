from __future__ import annotations

import pickle
from itertools import islice

import pytest

from focusfit.training.photo_stream import PhotoDraw, PhotoStream


def drawn(stream: PhotoStream, batches: int) -> list[PhotoDraw]:
    return [draw for batch in islice(stream, batches) for draw in batch]


def facts(draws: list[PhotoDraw]) -> list[tuple[int, int, int]]:
    return [(int(draw), draw.epoch, draw.seed) for draw in draws]


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_every_photo_comes_once_an_epoch_over_all_processes(processes):
    streams = [PhotoStream(23, 4, 5, rank, processes) for rank in range(processes)]
    draws = [draw for stream in streams for draw in drawn(stream, 23)]  # full epochs: 23 x 4 x processes photos
    epochs = {draw.epoch for draw in draws}
    assert epochs == set(range(4 * processes))
    for epoch in epochs:
        assert sorted(draw for draw in draws if draw.epoch == epoch) == list(range(23))


def test_batches_are_full_and_epochs_are_shuffled_anew():
    batches = list(islice(PhotoStream(10, 4, 0), 10))
    assert {len(batch) for batch in batches} == {4}
    draws = [draw for batch in batches for draw in batch]
    assert draws[:10] != draws[10:20]
    assert draws[:10] != list(range(10))


def test_two_processes_share_the_batches_of_one_with_twice_the_batch():
    one = list(islice(PhotoStream(11, 6, 2), 8))
    shares = zip(islice(PhotoStream(11, 3, 2, 0, 2), 8), islice(PhotoStream(11, 3, 2, 1, 2), 8), strict=True)
    assert [facts(batch) for batch in one] == [facts(left + right) for left, right in shares]


def test_a_stream_goes_on_from_any_position():
    whole = facts(drawn(PhotoStream(7, 2, 1), 30))
    for start in (1, 6, 13, 28):
        assert facts(drawn(PhotoStream(7, 2, 1, start=start), 8)) == whole[start : start + 16]


def test_seeds_differ_by_photo_epoch_and_run():
    draws = drawn(PhotoStream(50, 10, 0), 20) + drawn(PhotoStream(50, 10, 1), 20)
    assert len({draw.seed for draw in draws}) == len(draws)
    assert all(0 <= draw.seed < 2**63 for draw in draws)


def test_a_draw_survives_its_way_to_a_worker_process():
    draw = PhotoDraw(3, epoch=2, seed=99)
    assert facts([pickle.loads(pickle.dumps(draw))]) == [(3, 2, 99)]
    assert ["a", "b", "c", "d"][draw] == "d"
