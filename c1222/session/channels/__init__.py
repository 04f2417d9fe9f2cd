"""How services and answers travel: over a link (C12.18, C12.21) or in messages of their own (C12.22)."""
