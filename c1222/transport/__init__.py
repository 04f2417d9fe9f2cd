"""Pipes to meters and from them: open, read, write, close, listen. Nothing here knows packets or messages."""
