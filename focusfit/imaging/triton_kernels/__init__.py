"""GPU kernels in Triton.

Imported only when the ``triton`` backend is chosen: a machine without a GPU needs no Triton. With
``TRITON_INTERPRET=1`` in the environment they run, slowly, on the CPU.
"""
