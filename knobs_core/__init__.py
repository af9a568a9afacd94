"""Knobs core: data, collaborative and sparse autoencoders, mapping, steering. Knows nothing of any user interface."""
