"""Who may ask the server, and what each one may see: tokens, the gate, tickets, audit, limits."""
