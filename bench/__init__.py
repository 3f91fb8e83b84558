"""What the product must reach, measured: ``python -m bench`` prints each figure with its target."""
