from __future__ import annotations

import torch

from focusfit.training.feed import Feed, TrainingData, ValidationBatches
from focusfit.training.photo_stream import PhotoStream
from tests.training.toy_stage import Crops, collate, crops

CPU = torch.device("cpu")


def test_worker_processes_give_the_same_batches_as_none():
    batches = {}
    for workers in (0, 2):
        feed = Feed(crops(10), PhotoStream(10, 3, 4), workers, CPU)
        batches[workers] = [feed.next() for _ in range(8)]
        feed.close()
    for one, two in zip(batches[0], batches[2], strict=True):
        assert one.names == two.names
        assert one.seeds == two.seeds
        assert torch.equal(one.crops, two.crops)


def test_the_same_photo_looks_otherwise_in_another_epoch():
    feed = Feed(crops(2), PhotoStream(2, 2, 0), 0, CPU)
    first, second = (dict(zip(batch.names, batch.crops, strict=True)) for batch in (feed.next(), feed.next()))
    assert first.keys() == second.keys() == {"crop0.png", "crop1.png"}
    assert not torch.equal(first["crop1.png"], second["crop1.png"])  # crop 0 is all black


def test_a_new_feed_leaves_the_global_random_numbers_alone():
    torch.manual_seed(0)
    state = torch.get_rng_state()
    feed = Feed(crops(10), PhotoStream(10, 3, 4), 1, CPU)
    feed.next()
    feed.close()
    assert torch.equal(torch.get_rng_state(), state)


def test_validation_photos_never_change_and_are_shared_by_the_processes():
    data = TrainingData(Crops(4), Crops(11), collate)
    alone = list(ValidationBatches(data, 3, 0, CPU, seed=2))
    shares = [list(ValidationBatches(data, 3, 1, CPU, 2, process, 2)) for process in (0, 1)]
    assert [len(draws) for draws, _ in alone] == [3, 3, 3, 2]
    assert [int(draw) for draws, _ in alone for draw in draws] == list(range(11))
    together = {batch.names: batch for share in shares for _, batch in share}
    assert len(together) == 4 == sum(map(len, shares))
    for _, batch in alone:
        assert torch.equal(batch.crops, together[batch.names].crops)
    again = ValidationBatches(data, 3, 1, CPU, seed=2)
    for _ in range(2):
        for (_, one), (_, two) in zip(alone, again, strict=True):
            assert torch.equal(one.crops, two.crops)
