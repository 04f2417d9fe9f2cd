"""The tables of a simulated meter: octets that are read and written, made of a world or saved from a real meter."""
