"""A meter as programs have it: one that waits for it, one on asyncio. Both only move octets for the same operations."""
