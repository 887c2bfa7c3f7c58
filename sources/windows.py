"""Which HSMs were sent in an open 24 h window: one SQL for loads and upgrades."""


def sent_while_open(exchange: str, order: str) -> str:
    """The rows of ``exchange`` that are such HSMs, as a select of all its columns.

    ``exchange`` gives customer messages and outgoing HSMs with ``account``, ``contact`` (their
    contact phone, or what stands for their case), ``direction`` and ``sent_at``; ``order`` names
    its columns that put messages of one account in their order. A window is open up to and
    including exactly 24 h after the customer's last message.
    """
    return f"""select * exclude (heard_at) from (
            select *, max(sent_at) filter (direction = 'in') over (
                partition by account, contact order by {order}
                rows between unbounded preceding and current row) as heard_at
            from {exchange})
        where direction = 'out' and sent_at <= heard_at + interval 24 hours"""
