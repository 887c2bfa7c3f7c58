"""Commands of ``consumo-whatsapp``, a module a topic; ``app.cli`` puts them together."""
