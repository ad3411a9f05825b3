"""How good results are: masks, shape, landmarks and identity against ground truth."""
