"""Calibration: what surveys and registers observed goes in, what the model says about the same people is compared."""
