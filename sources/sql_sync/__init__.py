"""Brings cases, messages and the history of statuses from any SQL database, again and again.

A person writes a mapping (``mapping``): for each kind of rows a SELECT in the contract's columns,
with one more column that grows when a row changes. ``database`` runs them read-only, a page at a
time, ``values`` makes texts of what the database gives, and ``sync`` goes on from the position that
is kept in the store.
"""
