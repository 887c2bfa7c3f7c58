"""Copies conversations from Chatwoot's PostgreSQL into the store, and keeps the copy up to date.

``sync.ChatwootSync`` does one round after another. The first rounds are a full copy, conversation
by conversation in the order of their ids (``full_copy``). Later rounds read what changed since
(``increments``), and compare all ids now and then (``reconcile``), since Chatwoot keeps no trace of
what it deletes. How far it came is in ``state``, which is stored in the transaction of each load.

``portal`` opens read-only sessions. ``reading`` has the questions to the tables (``tables``), which
give the rows of ``rows``. ``case_values`` and ``message_values`` say what they mean in the columns
of ``sources.contract``; ``contact_ids`` and ``json_values`` help them.

Private notes and records of activity are never asked for, so they never leave Chatwoot.
"""
