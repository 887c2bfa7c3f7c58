"""WhatsApp's customer service window, which most rules of this product are made of."""

from datetime import timedelta
from typing import Final

#: So long after the customer's last message the company may write anything; later only templates
#: that Meta approved. The end belongs to it. The same time decides which messages are one session
#: and which HSMs count as answered.
SERVICE_WINDOW: Final = timedelta(hours=24)
