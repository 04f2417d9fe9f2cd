"""What numbers mean: quantities, the sources of a meter, factors and offsets, and the columns that keep them."""
