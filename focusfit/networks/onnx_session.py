"""onnxruntime on the CPU, with as many threads as torch has."""

from __future__ import annotations

import onnxruntime
import torch


def start_session(content: bytes) -> onnxruntime.InferenceSession:
    """A session that runs the network of an ONNX file.

    It has ``torch.get_num_threads()`` threads, as many as that says now. They sleep while they wait: what else a fit
    does needs the cores.

    Args:
        content: of the file.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
