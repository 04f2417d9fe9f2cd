"""Where everything meets: a target becomes a transport and a session on it."""
