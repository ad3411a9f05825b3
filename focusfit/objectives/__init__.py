"""The energies that fits and networks are optimised for: one function a term, formula and source in its docstring."""
