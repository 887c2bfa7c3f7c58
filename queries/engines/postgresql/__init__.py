"""PostgreSQL: a server that a company may run already. Loads are published to it."""
