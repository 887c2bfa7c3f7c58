"""The length of WhatsApp's customer service window, which many rules of the product use."""

from datetime import timedelta
from typing import Final

#: How long after the customer's last message the company may send free text, the last moment
#: included; later only HSMs. The same length decides which messages are one session and which HSMs
#: are answered.
SERVICE_WINDOW: Final = timedelta(hours=24)
