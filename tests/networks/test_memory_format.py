"""Networks in the fast format where that is safe, and the same answers in either."""

from __future__ import annotations

import copy
import subprocess
import sys

import torch
from torch import nn

from focusfit.networks.encoder import EncoderConfig, FaceEncoder
from focusfit.networks.memory_format import fast_memory_format


def test_networks_are_converted_and_answer_the_same():
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 24, 1, 2), nn.ReLU(), nn.Conv2d(24, 8, 3)]
    network = nn.Sequential(*layers)
    plain, x = copy.deepcopy(network), torch.rand(2, 3, 32, 32)
    assert fast_memory_format(network) is torch.channels_last
    assert network[0].weight.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(network(x.contiguous(memory_format=torch.channels_last)), plain(x))


def test_a_network_that_begins_with_a_strided_point_convolution_stays_as_it_is():
    network = nn.Sequential(nn.Conv2d(3, 48, 1, 2))
    assert fast_memory_format(network) is torch.contiguous_format
    assert network[0].weight.is_contiguous()


def test_such_a_stem_survives_training():
    """In a process of its own, since what is guarded against ends the process."""
    code = """
import torch
from focusfit.networks.memory_format import fast_memory_format
torch.set_num_threads(1)
stem = torch.nn.Conv2d(3, 48, 1, 2, bias=False)
photos = torch.rand(16, 112, 112, 3).permute(0, 3, 1, 2)
for _ in range(3):
    stem(photos.contiguous(memory_format=fast_memory_format(stem))).square().mean().backward()
print("survived")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "survived", done.stderr[-500:]


def test_the_usual_backbone_gets_the_fast_format(open_model):
    encoder = FaceEncoder(EncoderConfig("resnet18", 64), open_model)
    assert encoder.backbone.conv1.weight.is_contiguous(memory_format=torch.channels_last)
