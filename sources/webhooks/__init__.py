"""WhatsApp's own word about messages: payloads of Cloud API webhooks, and what was sent.

- ``payloads`` splits a payload into its parts, and says what each part tells: a fact of a message
  (``facts``), something to keep aside, or nothing that can be read; ``sends`` does so for requests
  that sent messages. ``customers`` and ``bodies`` read whom a message is from, and its text.
- ``payload_files`` reads payloads from files that people have.
- ``journal`` keeps what the receiver gets on the disk and hands it in; ``forwarding`` passes it on
  to another address.
- ``conversion`` is a step of a load, in the owner's transaction: it makes cases and messages of all
  facts that were ever told. So the store does not depend on their order, repetition or partition.
"""
