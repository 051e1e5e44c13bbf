"""Command files: everything that is wrong is told at once, with file, line, key and the nearest that exists."""

import textwrap

import pytest

from canonical_model.errors import Fault
from connectors.commands import CommandFile, read_command_files
from connectors.discovery import capabilities_by_kind
from connectors.mapping import MappedSystem

SYSTEMS = {
    name: MappedSystem(name, capabilities_by_kind()[kind])
    for name, kind in {"jobs": "rest", "bills": "soap", "crm": "salesforce", "post": "smtp", "drop": "files"}.items()
}
SOUND = """\
command: create_work_order
system: jobs
repeats: keyed
send:
  object: jobs/{order}
  key: {order: order_number}
  options: {method: PUT, key_header: Idempotency-Key}
  fields:
    kind: {from: work_type, values: {install: I, repair: R}, otherwise: X}
    when: scheduled_for
look:
  object: jobs/{order}
  key: {order: order_number}
  expect:
    kind: "'I'"
"""
NOTICE = """\
command: notify_subscriber
system: post
send:
  object: text/plain
  fields: {to: recipient, title: title, body: body}
look: none
"""
STATUS = """\
command: set_customer_status
system: crm
send:
  - object: Order
    key: {Key__c: order_number}
    fields: {Status: status}
  - object: Account
    key: {Key__c: account_number}
    fields: {State__c: status}
"""


def read(*texts: str) -> tuple[tuple[CommandFile, ...], list[Fault]]:
    faults: list[Fault] = []
    files = {f"commands/{number}.yaml": textwrap.dedent(text) for number, text in enumerate(texts)}
    return read_command_files(files, faults, systems=SYSTEMS), faults


def told(text: str) -> list[str]:
    _, faults = read(text)
    assert faults, "nothing was found wrong"
    return [str(fault) for fault in faults]


@pytest.mark.parametrize("text", [SOUND, NOTICE, STATUS])
def test_a_sound_file_is_read(text: str) -> None:
    (file,), faults = read(text)
    assert faults == []
    assert file.warnings == ()


def test_what_a_kind_knows_by_itself_need_not_be_said() -> None:
    (file,), _ = read(STATUS)
    assert file.repeats == "harmless"
    assert [(look.target, [plan.name for plan in look.expect]) for look in file.looks] == [
        ("Order", ["Status"]),
        ("Account", ["State__c"]),
    ]
    (notice,), _ = read(NOTICE)
    assert (notice.repeats, notice.looks) == ("harmful", ())


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "create_work_order",
            "create_wrk_order",
            "0.yaml:1: command: there is no command create_wrk_order; nearest: cr",
        ),
        ("system: jobs", "system: job", "0.yaml:2: system: there is no system job in operator.yaml; nearest: jobs"),
        ("system: jobs", "system: drop", "0.yaml:2: system: files takes no commands"),
        ("system: jobs", "system: post", "0.yaml:1: command: smtp takes only notify_subscriber"),
        ("repeats: keyed", "repeats: often", "0.yaml:3: repeats: Input should be 'keyed', 'harmless' or 'harmful'"),
        ("key: {order: order_number}", "key: {ordr: order_number}", "0.yaml:6: send.key: has no order, which object"),
        ("key_header", "keyheader", "0.yaml:7: send.options.keyheader: is no option here; nearest: key_header"),
        ("from: work_type", "from: work_typ", "0.yaml:9: send.fields.kind.from: "),
        ("when: scheduled_for", "when: scheduled_at", "0.yaml:10: send.fields.when: "),
        ("when: scheduled_for", "when: SCHEDULE(scheduled_for)", "SCHEDULE is not a function of the language"),
        ("when: scheduled_for", "when: (SELECT 1)", "0.yaml:10: send.fields.when: "),
        ("repair: R", "repair: [R]", "0.yaml:9: send.fields.kind.values.repair: one value is expected"),
        ("from: work_type", "from: scheduled_for", "yields timestamp; words are looked up by text"),
        (
            "look:\n  object: jobs/{order}\n  key: {order: order_number}\n  expect:\n    kind: \"'I'\"\n",
            "",
            "look: is missing",
        ),
        ("  expect:\n    kind: \"'I'\"\n", "", "look.expect: is missing and must be given"),
        ("  expect:", "  expct:", "look.expct: unknown key; nearest: expect"),
        ("repeats: keyed", "unsure: drop", "unsure: goes with look: none"),
        ("send:", "snd:", "0.yaml:1: send: is missing and must be given"),
    ],
)
def test_a_fault_is_told_with_its_place(before: str, after: str, expected: str) -> None:
    assert before in SOUND
    changed = SOUND.replace(before, after, 1)
    assert any(expected in fault for fault in told(changed)), told(changed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (NOTICE.replace("text/plain", "text/rtf"), "send.object: is none of text/plain, text/html"),
        (NOTICE.replace("body: body", "text: body"), "send.fields.text: is no field that can be written"),
        (
            NOTICE.replace("look: none", "look: {object: x, expect: {a: body}}"),
            "look: a system of this kind cannot be",
        ),
        (NOTICE.replace("look: none", "repeats: keyed"), "repeats: a write to this kind of system is harmful"),
        (STATUS.replace("{Key__c: order_number}", "{A__c: order_number, B__c: status}"), "one external id field is"),
        (STATUS.replace("crm", "jobs"), "send: at most 1 records go in one write"),
        (
            STATUS.replace("fields: {State__c: status}", "fields: {State__c: stats}"),
            "0.yaml:9: send.1.fields.State__c",
        ),
        ("command: [", "not YAML"),
        ("- 1", "keys and values were expected"),
        (SOUND[: SOUND.index("send:")] + "send: 3\nlook: none\n", "send: keys and values were expected here"),
    ],
)
def test_a_fault_of_another_kind_of_file_is_told_too(text: str, expected: str) -> None:
    assert any(expected in fault for fault in told(text)), told(text)


def test_every_fault_is_told_at_once() -> None:
    wrong = SOUND.replace("work_type", "wrk_type").replace("scheduled_for", "schedule").replace("method", "methd")
    assert len(told(wrong)) == 3


def test_one_system_takes_a_command_in_one_way() -> None:
    _, faults = read(SOUND, SOUND)
    assert [str(fault) for fault in faults] == [
        "commands/1.yaml:1: command: commands/0.yaml says already how jobs takes it"
    ]
