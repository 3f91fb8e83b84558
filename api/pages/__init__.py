"""The pages, one module per place a person can be."""
