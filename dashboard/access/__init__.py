"""Who may what: roles and rights, three ways in, sessions, limits, and the guard that every request passes."""
