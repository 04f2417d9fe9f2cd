"""The client: what is asked of a meter, in which order, and what its answers mean. No I/O but in the two faces."""
