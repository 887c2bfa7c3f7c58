"""Says what each message of a month costs, by the rules and prices that were imported.

docs/costs.md states the rules for people; ``tests/oracle/costs.py`` computes them a second time.
In short:

- only messages that arrived, or may have, are charged, by category and recipient's country;
- of the rules that hold on the day, the most special case wins (``RULE_CASES``), then the one for
  the message's own category; what the provider says (``billable``) wins over rules;
- the first messages of a number in a month are free where a rule says so, in order of time;
- the price depends on how many were charged before in the month where a price list has tiers.

The order of messages is that of (``sent_at``, ``message_id``). A message is *sure* if the provider
said whether it is charged, and it is known to have arrived. What depends on the place of a message
is an upper bound where messages before it are not sure.
"""

from datetime import date
from typing import Final

from queries.vocabulary import RULE_CASES
from sources.loading.load_connection import LoadConnection
from sources.loading.phones import add_phone_countries

#: The temporary tables that ``derive_lines`` makes and drops.
_TABLES: Final = (
    "cost_messages",
    "phone_countries",
    "cost_rule_choice",
    "placed_messages",
    "cost_price_choice",
    "charged_messages",
    "priced_messages",
)
#: The category whose messages HSMs in an open window could have been.
_SERVICE: Final = "service"
_GROUP: Final = "account, business_account"
_BEFORE: Final = "order by sent_at, message_id rows between unbounded preceding and 1 preceding"
#: The day of a message in its business account's time zone; ``b`` is a row of
#: ``business_accounts``. The store's own days are those of its zone.
CHARGED_DAY: Final = """case when b.time_zone is null then m.sent_day
    else timezone(b.time_zone, timezone('UTC', m.sent_at))::date end"""
#: Ranks the case of a rule; ``group`` is no alternative to the others.
_RANK: Final = "case r.applies {} end".format(
    " ".join(f"when '{name}' then {rank}" for rank, name in enumerate(RULE_CASES))
)


def derive_lines(load: LoadConnection, month: date, of_cases: str) -> None:
    """Fill ``new_cost_lines`` with the lines of the groups of ``month`` in ``cost_groups``.

    ``of_cases`` is a condition on ``case_key`` for the messages. Raises ``duckdb.Error``.
    """
    _choose_messages(load, month, of_cases)
    _choose_rules(load)
    _place_in_month(load)
    _choose_prices(load)
    _judge_charges(load)
    _find_prices(load)
    _write_lines(load)
    for table in _TABLES:
        load.execute(f"drop table {table}")


def _choose_messages(load: LoadConnection, month: date, of_cases: str) -> None:
    """Make ``cost_messages``: the messages that may cost something, with what decides about it.

    Without rules only those of which the provider told whether they are charged.
    """
    load.execute(
        f"""create temp table cost_messages as
        select m.* from (
            select m.sent_at, m.sent_day, m.opened_day, m.case_key, m.person_id, m.last_agent,
                m.account, m.channel, m.case_type, m.team, m.direction, m.status, m.kind,
                m.template_name, m.template_category, m.message_id, m.in_window,
                m.business_account, m.business_number, m.billable, m.pricing_type, m.country,
                m.bsuid, coalesce(m.phone, m.contact_phone) as contact, m.whatsapp_id,
                coalesce(lower(m.pricing_category), case when m.kind = 'hsm'
                    then lower(m.template_category) else '{_SERVICE}' end) as category,
                {CHARGED_DAY} as charged_day, r.has_prices as needs_country,
                m.billable is not null and m.status <> 'unknown' as is_sure,
                exists (from webhook_messages w where w.account = m.account
                    and w.whatsapp_id = m.whatsapp_id and w.group_id is not null) as is_to_group
            from messages m
            left join business_accounts b using (business_account)
            cross join (select exists (from cost_rules) as has_rules,
                exists (from cost_rates) as has_prices) r
            where m.direction = 'out' and m.status in ('delivered', 'read', 'unknown')
                and (m.billable is not null or r.has_rules)
                and m.sent_at >= $month::date - interval 2 days
                and m.sent_at < $month::date + interval 1 month + interval 2 days
                and {of_cases}
        ) m semi join cost_groups g on g.account = m.account
            and g.business_account is not distinct from m.business_account
            and g.month = $month::date and date_trunc('month', m.charged_day) = $month::date""",
        {"month": month},
    )
    add_phone_countries(load, "cost_messages")
    load.execute(
        """update cost_messages m set country = p.country from phone_countries p
        where p.phone = m.contact and m.country is null"""
    )
    load.execute(
        """update cost_messages set country = upper(left(bsuid, 2))
        where country is null and bsuid is not null"""
    )


def _choose_rules(load: LoadConnection) -> None:
    """Make ``cost_rule_choice``: the rule for each case in which messages of a day can be.

    ``is_each`` is whether a message to a group is charged for each recipient.
    """
    load.execute(
        f"""create temp table cost_rule_choice as
        with asked as (
            select distinct category, charged_day, in_window, pricing_type,
                coalesce(billable, false) as is_told_charged
            from cost_messages
            union
            select distinct '{_SERVICE}', charged_day, true, null, false from cost_messages
        ), newest as (
            select q.*, r.valid_from, r.category as rule_category, r.applies, r.charge,
                r.rate_category, r.free_each_month
            from asked q join cost_rules r on r.valid_from <= q.charged_day
                and (r.category = q.category or r.category = '*')
                and (r.applies in ('always', 'group') or r.applies = q.pricing_type
                    or (r.applies = 'open_window' and q.in_window))
                and (not q.is_told_charged or r.charge <> 'free')
            qualify row_number() over (
                partition by q.category, q.charged_day, q.in_window, q.pricing_type,
                    q.is_told_charged, r.category, r.applies order by r.valid_from desc) = 1
        ), groups as (
            select category, charged_day, in_window, pricing_type, is_told_charged,
                arg_min(charge, rule_category = '*') = 'each_recipient' as is_each
            from newest where applies = 'group' group by all
        )
        select r.* exclude (rule_category, applies),
            r.valid_from || ' ' || r.rule_category || ' ' || r.applies as rule,
            coalesce(g.is_each, false) as is_each
        from newest r left join groups g on g.category is not distinct from r.category
            and g.charged_day = r.charged_day and g.in_window = r.in_window
            and g.pricing_type is not distinct from r.pricing_type
            and g.is_told_charged = r.is_told_charged
        where r.applies <> 'group'
        qualify row_number() over (
            partition by r.category, r.charged_day, r.in_window, r.pricing_type, r.is_told_charged
            order by {_RANK}, r.rule_category = '*') = 1"""
    )


def _place_in_month(load: LoadConnection) -> None:
    """Make ``placed_messages``: the messages with their rules and their places among free ones.

    ``is_counted`` is whether the message is one of those of which some are free each month,
    ``place`` its place among these, and ``unsure_before`` how many before it may not count.
    ``service_before`` is how many service messages that count were sent before it.
    """
    number = f"partition by {_GROUP}, business_number"
    load.execute(
        f"""create temp table placed_messages as
        with ruled as (
            select m.*, c.rule, c.charge as rule_charge, coalesce(c.is_each, false) as is_each,
                coalesce(c.rate_category, m.category) as rate_category, c.free_each_month,
                coalesce(c.charge <> 'free' and c.free_each_month > 0, false) as is_counted
            from cost_messages m left join cost_rule_choice c
                on c.category is not distinct from m.category and c.charged_day = m.charged_day
                and c.in_window = m.in_window
                and c.pricing_type is not distinct from m.pricing_type
                and c.is_told_charged = coalesce(m.billable, false)
        )
        select *,
            case when is_counted then 1 + count(*) filter (is_counted)
                over ({number}, category {_BEFORE}) end as place,
            count(*) filter (is_counted and not is_sure)
                over ({number}, category {_BEFORE}) as unsure_before,
            count(*) filter (is_counted and category = '{_SERVICE}')
                over ({number} {_BEFORE}) as service_before
        from ruled"""
    )


def _choose_prices(load: LoadConnection) -> None:
    """Make ``cost_price_choice``: which price list holds for category, country and day.

    A list for the country wins over one for every other country (``*``), the newest over others.
    """
    load.execute(
        f"""create temp table cost_price_choice as
        with asked as (
            select distinct rate_category, country, charged_day from placed_messages
            union
            select distinct coalesce(c.rate_category, '{_SERVICE}'), m.country, m.charged_day
            from placed_messages m left join cost_rule_choice c on c.category = '{_SERVICE}'
                and c.charged_day = m.charged_day and c.in_window and c.pricing_type is null
                and not c.is_told_charged
            where m.in_window
        )
        select q.*, r.valid_from, r.country as price_country, r.currency
        from asked q join cost_rates r on r.category = q.rate_category
            and r.valid_from <= q.charged_day
            and (r.country = q.country or r.country = '*') and r.from_message = 1
        qualify row_number() over (partition by q.rate_category, q.country, q.charged_day
            order by r.country = '*', r.valid_from desc) = 1"""
    )


def _judge_charges(load: LoadConnection) -> None:
    """Make ``charged_messages``: whether each is charged, and its place where prices have tiers.

    ``surely_before`` and ``perhaps_before`` count the messages of the same category and country of
    the price that were charged before it in the month.
    """
    price = f"partition by {_GROUP}, category, price_country"
    load.execute(
        f"""create temp table charged_messages as
        with judged as (
            select m.*, p.valid_from, p.price_country, p.currency,
                place - unsure_before > free_each_month and business_number is not null
                    as is_surely_beyond,
                case when billable is false or rule_charge = 'free'
                        or (is_counted and place <= free_each_month) then 'free'
                    when is_sure and (not is_counted or (place - unsure_before > free_each_month
                        and business_number is not null)) then 'charged'
                    else 'perhaps' end as charge
            from placed_messages m left join cost_price_choice p
                on p.rate_category is not distinct from m.rate_category
                and p.country is not distinct from m.country and p.charged_day = m.charged_day
        )
        select *,
            count(*) filter (charge = 'charged') over ({price} {_BEFORE}) as surely_before,
            count(*) filter (charge = 'perhaps') over ({price} {_BEFORE}) as perhaps_before
        from judged"""
    )


def _find_prices(load: LoadConnection) -> None:
    """Make ``priced_messages``: each with its price, the highest of those that it may have."""
    load.execute(
        """create temp table priced_messages as
        with tiers as (
            select category as rate_category, country as price_country, valid_from, from_message,
                price, is_maximum,
                lead(from_message) over (partition by category, country, valid_from
                    order by from_message) as next_message
            from cost_rates
        )
        select m.*, max(t.price) as rate, min(t.price) <> max(t.price) as is_tier_unsure,
            coalesce(bool_or(t.is_maximum), false) as is_maximum
        from charged_messages m left join tiers t on t.rate_category = m.rate_category
            and t.price_country = m.price_country and t.valid_from = m.valid_from
            and t.from_message <= m.surely_before + m.perhaps_before + 1
            and coalesce(t.next_message > m.surely_before + 1, true)
        group by all"""
    )


def _write_lines(load: LoadConnection) -> None:
    """Fill ``new_cost_lines`` from ``priced_messages``."""
    load.execute(
        f"""insert into new_cost_lines by name
        with judged as (
            select *, case when charge = 'free' then null
                when rule is null and billable is null then 'no_rule'
                when category is null then 'no_category'
                when is_to_group and is_each then 'group'
                when rate is null and country is null and needs_country then 'no_country'
                when rate is null then 'no_price'
                when status = 'unknown' then 'not_confirmed'
                when billable is null then 'not_told'
                when is_counted and business_number is null then 'no_number'
                when is_tier_unsure or (is_counted and not is_surely_beyond) then 'place'
                when is_maximum then 'maximum' end as reason
            from priced_messages
        ), amounts as (
            select *, case when charge = 'free' then 0
                when reason in ('no_rule', 'no_category', 'group', 'no_country', 'no_price')
                    then null else rate end as amount
            from judged
        ), services as (
            select c.charged_day, c.charge, c.free_each_month,
                coalesce(c.rate_category, '{_SERVICE}') as rate_category
            from cost_rule_choice c where c.category = '{_SERVICE}' and c.in_window
                and c.pricing_type is null and not c.is_told_charged
        ), compared as (
            select m.*, case when s.charge = 'free' or m.service_before < s.free_each_month then 0
                when r.currency = coalesce(m.currency, r.currency) then r.price end as service
            from amounts m left join services s on m.in_window and s.charged_day = m.charged_day
            left join cost_price_choice p on m.in_window and p.rate_category = s.rate_category
                and p.country is not distinct from m.country and p.charged_day = m.charged_day
            left join cost_rates r on r.category = p.rate_category
                and r.country = p.price_country and r.valid_from = p.valid_from
                and r.from_message = 1
        )
        select sent_at, sent_day, opened_day, case_key, person_id, last_agent, account, channel,
            case_type, team, direction, status, kind, template_name, template_category, category,
            charge, case when amount is null then 'unknown' when reason is null then 'exact'
                else 'upper_bound' end as certainty,
            reason, currency, message_id, in_window, business_account, business_number,
            charged_day, date_trunc('month', charged_day)::date as month, country, rule, rate,
            case when rate is not null then valid_from end as rate_from, amount,
            case when is_counted then free_each_month end as allowance, place as allowance_place,
            case when in_window then amount - service end as extra_amount
        from compared"""
    )
