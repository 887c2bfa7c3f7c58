"""Who may see what: tokens, sign-in, and the gate before every route."""
