"""All checks of the store's data: each is one entry of the list ``CHECKS``.

To add one, add an entry: ``check.Check`` says what it holds, and tests/integration/test_check.py
compares what every entry counts with plain Python. A check tells a lead what may mislead on the
page, so its effect names the part of the page, and no customer's name, phone or text.
"""

from typing import Final

from sources.checking.check import Check, Weight

#: Replies in fewer seconds, in the median, are not typed by a person.
FASTEST_PERSON_SECONDS: Final = 5
#: An agent with fewer replies is not judged by how fast they are.
JUDGED_REPLIES: Final = 20
#: Nothing happened in an open case for so many days: nobody will close it any more.
FORGOTTEN_DAYS: Final = 30
#: So many days without any message, between days with some, are a hole.
GAP_DAYS: Final = 7
#: Parts of a name that only a program has, as whole words without accents.
BOT_WORDS: Final = (
    "bot",
    "chatbot",
    "robo",
    "robot",
    "assistente virtual",
    "atendente virtual",
    "asistente virtual",
    "virtual assistant",
    "autoatendimento",
    "automatico",
    "automation",
    "sistema",
    "system",
    "ura",
)


def _rows(table: str, odd: str, among: str = "true") -> str:
    """Return a SELECT of how many rows of ``table`` are ``odd``, and how many are ``among``.

    Both are SQL conditions; a row that is odd but not among those looked at is not counted.
    """
    return (
        f"select count(*) filter (where ({among}) and ({odd})),"
        f" count(*) filter (where {among}) from {table}"
    )


def _named(table: str, name: str, odd: str, among: str = "true") -> str:
    """Return a SELECT as ``_rows``, with the values of the column ``name`` of the odd rows.

    The value with most odd rows comes first.
    """
    return f"""
        select sum(odd), sum(rows), list({name} order by odd desc, {name}) filter (where odd > 0)
        from (
            select {name}, count(*) as rows, count(*) filter (where {odd}) as odd
            from {table} where {among} group by {name}
        )"""


def _alike(table: str, name: str) -> str:
    """Return a SELECT of the values of ``name`` that differ in case, accents or blanks only."""
    return f"""
        select sum(ways) filter (where ways > 1), sum(ways),
            flatten(list(spelled order by spelled) filter (where ways > 1))
        from (
            select count(distinct {name}) as ways, list_sort(list(distinct {name})) as spelled
            from {table} where {name} is not null
            group by regexp_replace(lower(strip_accents({name})), '[\\s_.-]+', '', 'g')
        )"""


_OUT: Final = "direction = 'out'"
_SENT_OUT: Final = "direction = 'out' and status not in ('new', 'unknown')"
_HSM: Final = "direction = 'out' and kind = 'hsm'"
_BY_A_PERSON: Final = "direction = 'out' and agent is not null and not is_bot"
_NOW: Final = "(select now from present)"
_LIKE_A_BOT: Final = (
    "(regexp_matches(lower(strip_accents({name})), "
    f"'(^|[^a-z])({'|'.join(BOT_WORDS)})([^a-z]|$)')"
    " or regexp_matches({name}, '[a-z]Bot([^a-z]|$)'))"
)
_DAY_US: Final = 86_400_000_000
_HOUR_US: Final = 3_600_000_000
_MINUTE_US: Final = 60_000_000
#: Midnight in UTC, or in the store's zone.
_SENT_AT_MIDNIGHT: Final = (
    f"epoch_us(sent_at) % {_DAY_US} = 0 or sent_hour = 0 and epoch_us(sent_at) % {_HOUR_US} = 0"
)
_OPENED_AT_MIDNIGHT: Final = (
    f"epoch_us(opened_at) % {_DAY_US} = 0"
    f" or opened_hour = 0 and epoch_us(opened_at) % {_HOUR_US} = 0"
)
#: A name of digits and what stands between the digits of phones.
_IS_A_PHONE: Final = "regexp_full_match(person_name, '[+(]?[0-9][0-9 ().-]{6,}[0-9]')"

_TIMES: Final = (
    Check(
        name="future_messages",
        weight=Weight.WRONG,
        what="messages",
        sql=_rows("m", f"sent_at > {_NOW}"),
        sentence="The time of {those} lies in the future.",
        effect="Periods that end today leave them out of every panel, and the preset “All” does "
        "not; a clock or time zone is wrong where they come from.",
    ),
    Check(
        name="future_cases",
        weight=Weight.WRONG,
        what="cases",
        sql=_rows("c", f"opened_at > {_NOW}"),
        sentence="The opening of {those} lies in the future.",
        effect="“Cases created” and “Number of cases” count them on days that are still to come.",
    ),
    Check(
        name="before_whatsapp",
        weight=Weight.WRONG,
        what="messages",
        sql=_rows("m", "sent_day < date '2009-05-01'"),
        sentence="WhatsApp did not exist yet at the time of {those}.",
        effect="The preset “All” begins with them, so that graphs are nearly empty; an unknown "
        "time was probably exported as a day such as 1970-01-01.",
    ),
    Check(
        name="messages_at_midnight",
        weight=Weight.WRONG,
        what="messages",
        sql=_rows("m", _SENT_AT_MIDNIGHT),
        sentence="The time of {those} is exactly midnight, as of a date without a time.",
        effect="“1st response”, “Waiting for an answer”, “HSM with the window open” and the hours "
        "of “Comparison” are computed from times, and mean nothing for these.",
        least=3,
        least_share=0.02,
    ),
    Check(
        name="cases_at_midnight",
        weight=Weight.WRONG,
        what="cases",
        sql=_rows("c", _OPENED_AT_MIDNIGHT),
        sentence="The opening of {those} is exactly midnight, as of a date without a time.",
        effect="By case opening, the hours of “Comparison” put all of them into one hour.",
        least=3,
        least_share=0.02,
    ),
    Check(
        name="messages_on_whole_hours",
        weight=Weight.WRONG,
        what="messages",
        sql=_rows(
            "m", f"epoch_us(sent_at) % {_HOUR_US} = 0 and not coalesce({_SENT_AT_MIDNIGHT}, false)"
        ),
        sentence="The time of {those} is a whole hour, without minutes.",
        effect="“1st response” and “Waiting for an answer” are wrong by up to an hour, and "
        "messages of one hour stand in any order.",
        least=3,
        least_share=0.1,
    ),
    Check(
        name="messages_on_whole_minutes",
        weight=Weight.ODD,
        what="messages",
        sql=_rows(
            "m", f"epoch_us(sent_at) % {_MINUTE_US} = 0", f"epoch_us(sent_at) % {_HOUR_US} <> 0"
        ),
        sentence="The time of {those} with minutes is a whole minute, without seconds.",
        effect="“1st response” is wrong by up to a minute, and messages of one minute are put "
        "into the order of their ids.",
        least=10,
        least_share=0.5,
    ),
    Check(
        name="written_at_night",
        weight=Weight.ODD,
        what="messages by agents",
        sql=_rows("m", "sent_hour < 6", f"{_BY_A_PERSON} and epoch_us(sent_at) % {_DAY_US} <> 0"),
        sentence="Agents wrote {those} between midnight and 6 in the morning.",
        effect="If nobody works at night, the hours of “Comparison” are shifted and days begin at "
        "the wrong moment: times without an offset were read in the wrong zone "
        "(import --time-zone).",
        least_among=100,
        least_share=0.25,
    ),
    Check(
        name="days_without_messages",
        weight=Weight.ODD,
        what="days between the first and the last message",
        sql=f"""
            select coalesce(sum(gap) filter (where gap >= {GAP_DAYS}), 0),
                max(sent_day) - min(sent_day) + 1
            from (
                select sent_day, lead(sent_day) over (order by sent_day) - sent_day - 1 as gap
                from m where sent_at <= {_NOW} and sent_day >= date '2009-05-01'
                group by sent_day
            )""",
        sentence=f"In holes of {GAP_DAYS} days or more, there is no message on {{those}}.",
        effect="Graphs show the holes as zeros, and a period is compared with a hole: was an "
        "export left out?",
    ),
)

_AGENTS: Final = (
    Check(
        name="no_agents",
        weight=Weight.MISSING,
        what="outgoing messages that no bot sent",
        sql=_rows("m", "agent is null", f"{_OUT} and not is_bot"),
        sentence="No agent is named in {those}.",
        effect="They neither attend a case nor end a wait: “Cases attended” is too low, “1st "
        "response” too long or “—”, and “Waiting for an answer” lists customers who have an "
        "answer.",
    ),
    Check(
        name="bots_by_name",
        weight=Weight.WRONG,
        what="messages by agents",
        sql=_named("m", "agent", _LIKE_A_BOT.format(name="agent"), _BY_A_PERSON),
        sentence="By their names, {names} are bots: {those} are theirs, and not marked as a "
        "bot's (is_bot).",
        effect="They count as a person's answers: “Cases attended” is too high, “1st response” "
        "too short, and customers whom only a bot answered are not in “Waiting for an answer”.",
    ),
    Check(
        name="bots_by_speed",
        weight=Weight.WRONG,
        what=f"agents with {JUDGED_REPLIES} replies or more",
        sql=f"""
            select count(*) filter (where is_fast), count(*),
                list(agent order by replies desc, agent) filter (where is_fast)
            from (
                select reply_agent as agent, count(*) as replies,
                    median(reply_seconds) < {FASTEST_PERSON_SECONDS}
                        and not {_LIKE_A_BOT.format(name="reply_agent")} as is_fast
                from m where begins_wait and reply_seconds is not null and reply_agent is not null
                group by reply_agent having count(*) >= {JUDGED_REPLIES}
            )""",
        sentence=f"By their speed, {{names}} are bots: half of the replies of {{those}} come "
        f"within {FASTEST_PERSON_SECONDS} seconds.",
        effect="They count as a person's answers: “Cases attended” is too high, “1st response” "
        "too short, and customers whom only a bot answered are not in “Waiting for an answer”.",
    ),
    Check(
        name="only_bots",
        weight=Weight.MISSING,
        what="outgoing messages",
        sql=_rows("m", "is_bot", _OUT),
        sentence="A bot sent {those}, and no person any.",
        effect="“Cases attended” is 0, “1st response” is “—”, and “Waiting for an answer” lists "
        "everybody who wrote: a bot's answer ends no wait.",
        least_share=1.0,
    ),
    Check(
        name="agents_of_customers",
        weight=Weight.WRONG,
        what="messages of customers",
        sql=_rows("m", "agent is not null", "direction = 'in'"),
        sentence="An agent is named in {those}.",
        effect="If origin and destination were exchanged in the export, sent and received are "
        "exchanged in “Number of messages by origin” and in every other panel.",
        least_share=0.05,
    ),
    Check(
        name="agents_spelled_alike",
        weight=Weight.ODD,
        what="agents",
        sql=_alike("m", "agent"),
        sentence="Only capitals, accents or blanks tell {those} from others: {names}.",
        effect="“Comparison” by agent and the filter “Last agent” have one person in several rows.",
    ),
)

_STATUSES: Final = (
    Check(
        name="no_status",
        weight=Weight.MISSING,
        what="outgoing messages",
        sql=_rows("m", "status = 'unknown'", _OUT),
        sentence="No status is known of {those}.",
        effect="“Delivery rate”, “Read rate” and “Failure rate” leave them out, and are “—” where "
        "no message has one; “Failures and what to do” never lists them.",
    ),
    Check(
        name="never_delivered",
        weight=Weight.WRONG,
        what="messages sent out",
        sql=f"""
            select case when count(*) filter (where status in ('delivered', 'read')) = 0
                then count(*) else 0 end, count(*)
            from m where {_SENT_OUT}""",
        sentence="None of {those} is known to have reached a customer.",
        effect="“Delivery rate” is 0% and “Read rate” is “—”: the source seems to know no "
        "confirmations, so neither number says anything.",
        least_among=20,
    ),
    Check(
        name="never_read",
        weight=Weight.WRONG,
        what="messages that reached a customer",
        sql=f"""
            select case when count(*) filter (where status = 'read') = 0
                then count(*) else 0 end, count(*)
            from m where {_OUT} and status in ('delivered', 'read')""",
        sentence="None of {those} is known to be read.",
        effect="“Read rate” is 0%, here and for every template in “Use of HSM templates”: the "
        "source seems not to know who read.",
        least_among=20,
    ),
    Check(
        name="never_failed",
        weight=Weight.ODD,
        what="messages sent out",
        sql=f"""
            select case when count(*) filter (where status = 'failed') = 0
                then count(*) else 0 end, count(*)
            from m where {_SENT_OUT}""",
        sentence="None of {those} failed.",
        effect="“Failure rate” is 0% and “Failures and what to do” is empty: good news, or the "
        "source does not report failures.",
        least_among=1_000,
    ),
    Check(
        name="still_new",
        weight=Weight.ODD,
        what="outgoing messages older than a day",
        sql=_rows("m", "status = 'new'", f"{_OUT} and sent_at < {_NOW} - interval 1 day"),
        sentence="The status of {those} is still new.",
        effect="“Delivery rate” and “Failure rate” leave them out; “Number of messages by status” "
        "shows them as if they were about to be sent.",
        least_share=0.01,
    ),
    Check(
        name="failures_without_code",
        weight=Weight.MISSING,
        what="failed messages",
        sql=_rows("m", "error_code is null", f"{_OUT} and status = 'failed'"),
        sentence="No error code is known of {those}.",
        effect="“Failures and what to do” cannot say why they failed, nor what helps.",
    ),
    Check(
        name="one_direction_out",
        weight=Weight.MISSING,
        what="messages",
        sql=_rows("m", _OUT),
        sentence="The company sent {those}, and no customer any.",
        effect="“Waiting for an answer” is empty and “1st response” is “—”: messages of customers "
        "seem to be missing from the source.",
        least_share=1.0,
    ),
    Check(
        name="one_direction_in",
        weight=Weight.MISSING,
        what="messages",
        sql=_rows("m", "direction = 'in'"),
        sentence="Customers sent {those}, and the company none.",
        effect="All rates are “—”, and “Waiting for an answer” lists everybody who wrote: "
        "messages of the company seem to be missing from the source.",
        least_share=1.0,
    ),
)

_TEMPLATES: Final = (
    Check(
        name="no_hsm",
        weight=Weight.MISSING,
        what="outgoing messages",
        sql=f"""
            select case when count(*) filter (where kind = 'hsm') = 0 then count(*) else 0 end,
                count(*)
            from m where {_OUT}""",
        sentence="None of {those} is an HSM.",
        effect="“Use of HSM templates” and “HSM with the window open” are folded: the source "
        "seems not to say which messages come from templates.",
    ),
    Check(
        name="hsm_without_template",
        weight=Weight.MISSING,
        what="HSMs",
        sql=_rows("m", "template_name is null", _HSM),
        sentence="No template is named in {those}.",
        effect="“Use of HSM templates” and “Comparison” by template have all of them in one row "
        "without a name.",
    ),
    Check(
        name="hsm_without_category",
        weight=Weight.MISSING,
        what="HSMs",
        sql=_rows("m", "template_category is null", _HSM),
        sentence="No category of the template is known of {those}.",
        effect="“HSM with the window open” cannot tell marketing from the rest for these.",
    ),
    Check(
        name="templates_without_hsm",
        weight=Weight.WRONG,
        what="outgoing messages that are not HSM",
        sql=_rows("m", "template_name is not null", f"{_OUT} and kind <> 'hsm'"),
        sentence="A template is named in {those}.",
        effect="They are not in “Use of HSM templates”, which counts HSMs only: give them the "
        "kind hsm.",
    ),
    Check(
        name="templates_spelled_alike",
        weight=Weight.ODD,
        what="templates",
        sql=_alike("m", "template_name"),
        sentence="Only capitals, accents or blanks tell {those} from others: {names}.",
        effect="“Use of HSM templates” has one template in several rows, if they are one.",
    ),
)

_CASES: Final = (
    Check(
        name="rejected_rows",
        weight=Weight.WRONG,
        what="rows that were ever loaded",
        sql="select sum(rows_rejected), sum(rows_in) from l",
        sentence="Loads rejected {those}.",
        effect="No panel counts them, unless a later load brought them again; the list of rejects "
        "beside the store says why.",
    ),
    Check(
        name="cases_without_messages",
        weight=Weight.ODD,
        what="cases",
        sql=_rows("c", "not exists (from m where m.case_key = c.case_key)"),
        sentence="There is no message in {those}.",
        effect="“Cases created” and “Number of cases” count them, and no panel of messages does; "
        "nobody can attend them, so the share of “Cases attended” is lower.",
        least_share=0.02,
    ),
    Check(
        name="cases_of_other_channels",
        weight=Weight.ODD,
        what="cases",
        sql=_named("every_case", "channel", "not counted"),
        sentence="No part of WhatsApp are {those}, without a message and with the channel {names}.",
        effect="No panel counts them; only the channel's name tells that they belong elsewhere.",
    ),
    Check(
        name="strange_channels",
        weight=Weight.WRONG,
        what="cases",
        sql=_named(
            "c",
            "channel",
            "not regexp_matches(lower(channel), 'whats|wpp|zap|waba|(^|[^a-z])wa([^a-z]|$)')",
        ),
        sentence="By its name, the channel of {those} is not WhatsApp: {names}.",
        effect="Every panel counts them because they have messages: were messages of other "
        "channels imported too?",
    ),
    Check(
        name="channels_spelled_alike",
        weight=Weight.ODD,
        what="channels",
        sql=_alike("c", "channel"),
        sentence="Only capitals, accents or blanks tell {those} from others: {names}.",
        effect="The filter “Channel” and “Comparison” have one channel in several rows.",
    ),
    Check(
        name="types_spelled_alike",
        weight=Weight.ODD,
        what="case types",
        sql=_alike("c", "case_type"),
        sentence="Only capitals, accents or blanks tell {those} from others: {names}.",
        effect="The filter “Case type” and “Comparison” have one type in several rows.",
    ),
    Check(
        name="teams_spelled_alike",
        weight=Weight.ODD,
        what="teams",
        sql=_alike("c", "team"),
        sentence="Only capitals, accents or blanks tell {those} from others: {names}.",
        effect="The filter “Team” and “Comparison” have one team in several rows, and a reader "
        "who may see one of them does not see the other.",
    ),
    Check(
        name="no_team",
        weight=Weight.MISSING,
        what="cases",
        sql=_rows("c", "team is null"),
        sentence="No team is known of {those}.",
        effect="The filter “Team” cannot find them, “Comparison” by team has them in one row, and "
        "only readers who may see all teams see them.",
        least_share=0.01,
    ),
    Check(
        name="never_closed",
        weight=Weight.WRONG,
        what="cases",
        sql=_rows("c", "closed_at is null"),
        sentence="Nobody ever closed {those}.",
        effect="“Waiting for an answer” keeps every customer who wrote last, however long ago, "
        "and the status of messages never becomes “Handled” by closing.",
        least=10,
        least_share=1.0,
    ),
    Check(
        name="forgotten_cases",
        weight=Weight.ODD,
        what="open cases",
        sql=f"""
            select count(*) filter (
                    where greatest(last_day, opened_day) < {_NOW}::date - {FORGOTTEN_DAYS}
                ), count(*)
            from c where closed_at is null""",
        sentence=f"Nothing happened for {FORGOTTEN_DAYS} days in {{those}}.",
        effect="“Waiting for an answer” still lists those whose customer wrote last: nobody "
        "seems to close them.",
        least_share=0.1,
    ),
    Check(
        name="closed_before_opening",
        weight=Weight.WRONG,
        what="closed cases",
        sql=_rows("c", "closed_at < opened_at", "closed_at is not null"),
        sentence="The end of {those} lies before their opening.",
        effect="They count as closed whatever happens in them, so that “Waiting for an answer” "
        "never lists their customers.",
    ),
    Check(
        name="written_after_closing",
        weight=Weight.WRONG,
        what="closed cases",
        sql=_rows("c", "last_customer_at > closed_at", "closed_at is not null"),
        sentence="The customer wrote again after the end of {those}.",
        effect="“Waiting for an answer” does not list them, and their messages count as "
        "“Handled”, whether somebody answered or not.",
        least_share=0.01,
    ),
    Check(
        name="messages_before_opening",
        weight=Weight.ODD,
        what="cases with messages",
        sql="""
            select count(*) filter (where first_at < opened_at - interval 1 hour), count(*)
            from c join (select case_key, min(sent_at) as first_at from m group by case_key)
                using (case_key)""",
        sentence="Messages came over an hour before the opening of {those}.",
        effect="By “Case opening” these messages count on a later day than by “Message date”; if "
        "it is always the same number of hours, cases and messages were read in different zones.",
        least_share=0.01,
    ),
    Check(
        name="shared_case_numbers",
        weight=Weight.WRONG,
        what="cases",
        sql="""
            select sum(cases) filter (where cases > 1), sum(cases)
            from (select count(*) as cases from c group by account, case_number)""",
        sentence="Another case has the same number as {those}.",
        effect="The filter “List of cases” takes all cases of a number at once, and “Details” "
        "shows them as if they were one.",
    ),
    Check(
        name="names_that_are_phones",
        weight=Weight.MISSING,
        what="cases",
        sql=_rows("c join people using (person_id)", _IS_A_PHONE),
        sentence="The requester of {those} is a phone instead of a name.",
        effect="The filter of requesters cannot find these people by name, and readers who may "
        "not see phones see masked ones in “Waiting for an answer” and “Details”.",
    ),
    Check(
        name="one_requester",
        weight=Weight.ODD,
        what="cases",
        sql="""
            select max(cases), sum(cases)
            from (select count(*) as cases from c group by person_id)""",
        sentence="One and the same requester has {those}.",
        effect="The filter of requesters tells nobody apart there: the name is probably a "
        "placeholder for people whose name is not known.",
        least_among=20,
        least_share=0.2,
    ),
)

_MESSAGES: Final = (
    Check(
        name="twice",
        weight=Weight.WRONG,
        what="messages with a text",
        sql="""
            select sum(times - 1), sum(times)
            from (
                select count(*) as times from m where body is not null
                group by case_key, direction, kind, sent_at, hash(body)
            )""",
        sentence="With another id, {those} repeat a message: same case, moment and text.",
        effect="Every panel counts them twice: were they loaded from two sources, or with ids "
        "that change with each export?",
    ),
    Check(
        name="whatsapp_ids_twice",
        weight=Weight.WRONG,
        what="messages with an id of WhatsApp",
        sql="""
            select sum(times - 1), sum(times)
            from (
                select count(*) as times from m where whatsapp_id is not null
                group by account, whatsapp_id
            )""",
        sentence="By their id of WhatsApp, {those} repeat a message.",
        effect="Every panel counts them twice: two sources brought them, and one of them as files, "
        "which are not joined by this id.",
    ),
    Check(
        name="no_phone",
        weight=Weight.MISSING,
        what="messages",
        sql=_rows("m", "phone is null"),
        sentence="No phone of the customer is known of {those}.",
        effect="“Phone” is empty in “Details”; where a whole case has none, answers to HSMs and "
        "“HSM with the window open” hold within the case only.",
        least_share=0.01,
    ),
    Check(
        name="own_phones",
        weight=Weight.WRONG,
        what="messages with both phones",
        sql=_rows(
            "m", "phone = business_number", "phone is not null and business_number is not null"
        ),
        sentence="The customer's phone is the company's own in {those}.",
        effect="All these customers count as one contact, so the answers in “Use of HSM "
        "templates” and “HSM with the window open” are wrong for them.",
    ),
    Check(
        name="phones_with_and_without_nine",
        weight=Weight.WRONG,
        what="phones of customers",
        sql="""
            select sum(written) filter (where written > 1), sum(written)
            from (
                select count(distinct phone) as written from m where phone is not null
                group by case when regexp_full_match(phone, '\\+55[0-9]{2}9[0-9]{8}')
                    then phone[1:5] || phone[7:] else phone end
            )""",
        sentence="With and without the ninth digit, {those} are written in two ways.",
        effect="One customer counts as two contacts, so an answer to an HSM is not seen in “Use "
        "of HSM templates”, and “HSM with the window open” is too low.",
    ),
    Check(
        name="no_business_number",
        weight=Weight.ODD,
        what="messages",
        sql=_rows("m", "business_number is null"),
        sentence="The company's phone is not known of {those}.",
        effect="“Business number” is empty in “Details”: where there are several numbers, nobody "
        "can tell them apart.",
        least_share=0.01,
    ),
    Check(
        name="no_text",
        weight=Weight.MISSING,
        what="messages",
        sql=_rows("m", "body is null"),
        sentence="There is no text in {those}.",
        effect="“Replies” and “Customer's message” are empty in “Details”, and so is what was "
        "said in a case; pictures and sound alone have no text.",
        least_share=0.3,
    ),
)

#: All checks. Of equal weight and share, the first comes first in what the command prints.
CHECKS: Final = (*_TIMES, *_AGENTS, *_STATUSES, *_TEMPLATES, *_CASES, *_MESSAGES)
