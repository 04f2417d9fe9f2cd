"""The truth behind a simulated meter, apart from any table: load, clock, outages, and what follows from them."""
