from __future__ import annotations

import torch

from focusfit.data.rods import fan_of_rods

SIZE = 64


def test_one_rod_by_hand() -> None:
    draws = torch.full((1, 16), 0.5)
    draws[:, 0] = 0.0  # to the right
    draws[:, 11] = 0.0  # one rod only, the first of the fan
    draws[:, 13] = 0.9  # no palm
    hidden, relief = fan_of_rods(draws, SIZE)
    assert hidden.shape == relief.shape == (1, 1, SIZE, SIZE)
    rows, columns = torch.nonzero(hidden[0, 0] > 0.5, as_tuple=True)
    # from -0.65 on for 0.85 half views, leaning up by two steps of 0.19 radians
    slope = torch.tan(torch.tensor(-2 * 0.19))
    x, y = (columns + 0.5) * 2 / SIZE - 1, (rows + 0.5) * 2 / SIZE - 1
    assert ((y - slope * (x + 0.65)).abs() < 0.08).all()
    assert abs(float(x.min()) + 0.65) < 0.1
    assert 0.5 < float(relief.min()) < float(relief.max()) <= 1.0


def test_more_rods_hide_more() -> None:
    draws = torch.rand(16, 16, generator=torch.Generator().manual_seed(2))
    shares = []
    for rods in (0.0, 0.5, 0.99):
        draws[:, 11] = rods
        shares.append(fan_of_rods(draws, SIZE)[0].mean((1, 2, 3)))
    assert (shares[0] <= shares[1]).all()
    assert (shares[1] <= shares[2]).all()
    assert shares[2].mean() > 1.5 * shares[0].mean()
