"""The values of the simulated meter's tables, by decade; the declarations of c1219_tables make them octets."""
