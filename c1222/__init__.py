"""ANSI C12.22 messages, security, captures: see docs/architecture.md."""

__version__ = "0.1.0"
