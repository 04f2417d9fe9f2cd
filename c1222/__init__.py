"""ANSI C12.18 and C12.22: link, messages, security, captures. See docs/architecture.md."""

__version__ = "0.1.0"
