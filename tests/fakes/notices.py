"""An operator that only sends notices: through a mail server, and through a text message gateway over REST."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from handoffs.commands import Command
from hub.workplace import Hub
from tests.fakes.prepared_hub import prepared_hub

OPERATOR = """\
operator: Notices
markets:
  oldtown: {{name: Old Town, zone: America/Chicago, currency: USD, technology: pon}}
systems:
  post:
    kind: smtp
    role: crm
    address: 127.0.0.1:{mail}
    options: {{sender: hub@operator.example, security: none, login: none}}
    timeout_s: 1
  texts:
    kind: rest
    role: crm
    address: {gateway}
    options: {{login: bearer}}
    secrets: {{token: env:TEXTS_TOKEN}}
    timeout_s: 20
effects: {{most_sends: 3, most_looks: 4, waits: [30s, 2m]}}
"""
CATALOGUE = """\
price_digits: 2
back_bill_months: 6
proration: {oldtown: actual_actual}
offerings:
  - id: silver
    charge: access
    delivered_by: access
    technologies: [pon]
    billing_codes: [SLV]
    network_profiles: ["500/500"]
    prices:
      - {amount: 60.00, valid_from: 2020-01-01}
"""
MAIL = """\
command: notify_subscriber
system: post
unsure: UNSURE
send:
  object: text/plain
  fields: {to: recipient, title: title, body: body}
look: none
"""
TEXT = """\
command: notify_subscriber
system: texts
send:
  object: v1/messages
  fields:
    messages.0.to: CONCAT('+', DIGITS(recipient))
    messages.0.text: body
    messages.0.client_ref: idempotency_key
look:
  object: v1/messages
  fields: {client_ref: idempotency_key}
  options: {rows: messages}
  reference: id
  progress: {field: status, values: {delivered: applied, sent: applied, queued: in_progress, rejected: refused}}
  expect: {client_ref: idempotency_key}
"""


def notice(number: int, recipient: str = "ada@example.net") -> Command:
    return Command(
        "notify_subscriber",
        "oldtown",
        "field_to_billing",
        f"account/{number}",
        {"account_number": str(number), "recipient": recipient, "title": "Welcome", "body": "Your line is up."},
        f"account-{number}/welcome/1",
    )


@contextmanager
def notices_hub(
    folder: Path, mail_port: int = 9, gateway: str = "http://127.0.0.1:9", unsure: str = "ask"
) -> Iterator[Hub]:
    operator = folder / "operator"
    (operator / "commands").mkdir(parents=True)
    for name, text in {
        "operator.yaml": OPERATOR.format(mail=mail_port, gateway=gateway),
        "catalogue.yaml": CATALOGUE,
        "commands/mail.yaml": MAIL.replace("UNSURE", unsure),
        "commands/text.yaml": TEXT,
    }.items():
        (operator / name).write_text(text, encoding="utf-8")
    with prepared_hub(operator, folder / "work", {"TEXTS_TOKEN": "texts-token-0815"}) as hub:
        yield hub
