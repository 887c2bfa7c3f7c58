"""Loads import files into the DuckDB store: one transaction a load, all of it or nothing.

``load.load`` runs the steps in this order. Each step is SQL over temporary tables, so that the rows
never pass through Python.

1. ``read`` reads the files into typed rows and puts those that it cannot take into ``rejected``.
2. ``merge`` finds which rows are new or differ from what is stored.
   ``updates`` joins what portals and webhooks tell of the same messages, ``remove`` takes what a
   source says is gone, and ``events`` merges the history of statuses.
3. ``derive`` computes, for every case that such a row belongs to, all values that depend on the
   case's messages. All 24-hour rules are there.
4. ``write`` replaces the rows of these cases, mends the roll-ups and logs the load. ``costs``
   derives again what messages cost (``charges``), by the countries of their phones (``phones``).

``rates`` stands in place of all four where prices and rules are imported: it replaces these and
lets ``costs`` derive what every message costs.

``remove`` also stands in place of the first two where rows are erased or purged. What webhooks tell
is no rows of files: ``sources.webhooks.conversion`` makes rows of it, between the first two.

The temporary tables, in the order in which they are made:

==================== ========= =========================== ========================================
table                made by   used by                     one row for
==================== ========= =========================== ========================================
rejected             read      read, merge, remove,        a rejected row of a file, and why
                               events, load, write
kept                 read      merge, load, write          what a source told and nobody uses yet;
                                                           filled from outside of this package
removed_cases        read      updates, remove, derive,    a case that is removed; also filled from
                               load                        outside of this package
removed_messages     read      merge, updates, remove,     a message that is removed, or gets
                               events, derive, load        another id or case; also filled from
                                                           outside
checked_cases        read      read, load, merge           a readable row of the cases' file
checked_messages     read      read, merge, updates,       a readable row of the messages' file;
                               remove, events, derive,     ``events`` and ``derive`` add stored
                               load, write                 messages, with ``line`` < 0
checked_events       read      read, events                a readable row of the events' file
checked_removals     read      read, remove                a row that names what is to be removed
replaced_messages    updates   updates                     a row of a portal about a message that
                                                           webhooks told, with the stored message
known_messages       updates   updates                     a row with the stored message of its id
changed_cases        merge     merge, updates, remove,     a case that is new or differs
                               derive, load
message_cases        merge     merge                       a checked message, with its case
stored_messages      merge     merge                       a stored message whose id the file has
repeated_ids         merge     merge                       a checked message whose id is stored or
                                                           comes more than once in the file
changed_messages     merge     merge, updates, remove,     a message that is new or differs;
                               events, derive, load        ``events`` and ``derive`` add stored
                                                           ones
event_messages       events    events                      a message that events name
known_events         events    events                      an event of a known message
raised               events    events                      a message whose status an event raises
removed_ids          remove    remove                      the id under which the events of a
                                                           removed message are stored
cases_to_derive      derive    derive, write               a case whose values are computed anew
case_rows            derive    derive, write               the same case with its columns
ordered_messages     derive    derive, write               a message of these cases; ``ord`` is its
                                                           place by (``sent_at``, ``message_id``)
case_facts           derive    derive                      one of these cases: its first and last
                                                           messages
contacts             derive    derive                      a message of these cases, with its
                                                           contact phone
message_facts        derive    derive, write               the same, with all that is derived of it
                                                           within its case
waits                derive    derive, write               a message of these cases with which a
                                                           wait begins, and how it ended
masked_numbers       derive    derive                      a case with a phone in its number
derived_cases        derive    write                       one of these cases as it will be stored
phones_to_judge      derive    derive                      a contact phone of these cases
exchange             derive    derive                      a customer message or HSM of such a
                                                           phone, in any case, near in time
answered_hsms        derive    derive, write               an HSM of ``exchange`` that is answered
hsms_in_window       derive    derive, write               an HSM of it that was sent while the
                                                           customer's window was open
changed_flags        derive    write                       a stored HSM of another case for which
                                                           one of the two has changed
cases_to_count       write     write                       a case whose counts change
…_change             rollups   rollups                     a row of a roll-up, and by how much it
                                                           changes
unsorted             write     write                       how many messages lie out of order
cost_groups          costs     costs, charges              a month of a business account of which
                                                           costs are derived
new_cost_lines       costs     costs, charges              a row of ``cost_lines`` as it should be
old_cost_lines       costs     costs                       the same as it is stored
cost_line_change     costs     costs                       a row of ``cost_lines`` that is new or
                                                           gone
cost_days_change     costs     costs                       a row of ``cost_days``, and by how much
                                                           it changes
cost_messages        charges   charges                     a message of a month that may cost
phone_countries      phones    charges, phones             a phone of these messages whose country
                                                           no source told
cost_rule_choice     charges   charges                     the rule for each case in which messages
                                                           of a day can be
placed_messages      charges   charges                     a message of the month with its rule and
                                                           its place
cost_price_choice    charges   charges                     the price list for a category, a country
                                                           and a day
charged_messages     charges   charges                     a message, and whether it is charged
priced_messages      charges   charges                     a message with its price
==================== ========= =========================== ========================================
"""
