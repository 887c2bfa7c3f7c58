"""Publishes the writer's store to where readers are: what, when, and by which of several writers.

``publication`` decides; ``rows`` reads what is published from the store, and what of it changed
(``sources.loading.outbox``). How a target is written is its engine's matter: ``publisher`` in a
folder of ``queries.engines``.
"""
