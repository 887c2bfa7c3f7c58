"""An independent computation of what the product must answer, worked from its contract alone."""
