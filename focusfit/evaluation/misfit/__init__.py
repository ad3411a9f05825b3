"""The fitter measured on faces that its model cannot represent: what is left over is its misfit."""
