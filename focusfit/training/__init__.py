"""A data set becomes networks: the numbered stages, their engine and their checkpoints."""
