"""The command `c1222 procedure`, and what its short forms share with it."""
