"""A small operator whose billing lines come through whatever connector a test is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.workplace import Hub
from tests.fakes.prepared_hub import prepared_hub

OPERATOR = """
operator: Small Fiber
markets:
  oldtown: {{name: Old Town, zone: America/Denver, currency: USD, technology: pon}}
systems:
  bills:
    kind: {kind}
    role: billing
    address: env:BILLS
    options: {options}
    secrets: {secrets}
limits: {{shrink_percent: 50, rejected_percent: 20}}
"""
CATALOGUE = """
price_digits: 2
back_bill_months: 6
proration: {oldtown: actual_actual}
offerings:
  - {id: silver, charge: access, delivered_by: access, technologies: [pon], billing_codes: [SLV],
     network_profiles: ["500/500"], prices: [{amount: 60.00, valid_from: 2020-01-01}]}
"""
MAPPING = """
system: bills
stream: bill-lines
market: "'oldtown'"
read:
  object: {object}
  key: [id]
{cursor}  page_size: {page_size}
  options: {options}
  fields:
    id: text
    account: text
    code: text
    amount: {amount}
    first_day: date
    changed: timestamp?
records:
  - entity: ChargeLine
    fields:
      account_number: account
      subscription_id: account
      billing_code: code
      rate_minor: {minor}
      amount_minor: {minor}
      currency: "'USD'"
      covers_from: first_day
      covers_to: ADD_DAYS(first_day, 30)
      billed_on: first_day
"""


def write_operator(
    folder: Path,
    kind: str,
    source_object: str,
    *,
    system_options: str = "{}",
    secrets: str = "{}",
    options: str = "{}",
    cursor: str | None = None,
    page_size: int = 5,
    amount: str = "money(2)",
    minor: str = "amount",
) -> Path:
    """Write the folder of the operator; options are YAML."""
    (folder / "mappings").mkdir(parents=True)
    (folder / "operator.yaml").write_text(
        OPERATOR.format(kind=kind, options=system_options, secrets=secrets), encoding="utf-8"
    )
    (folder / "catalogue.yaml").write_text(CATALOGUE, encoding="utf-8")
    (folder / "mappings" / "bill-lines.yaml").write_text(
        MAPPING.format(
            object=source_object,
            cursor=f"  cursor: {cursor}\n" if cursor else "",
            page_size=page_size,
            options=options,
            amount=amount,
            minor=minor,
        ),
        encoding="utf-8",
    )
    return folder


@contextmanager
def hub_of(folder: Path, workspace: Path, address: str, **environment: str) -> Iterator[Hub]:
    """A hub of the operator whose billing system has an address."""
    with prepared_hub(folder, workspace, {"BILLS": address, **environment}) as hub:
        yield hub
