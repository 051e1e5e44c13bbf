"""The benchmark of a wave names what was planted in it, and sees a step that names another account."""

from pathlib import Path

from benchmarks.acquisition import dismissed_half, filled, is_true, operator_of_a_wave
from benchmarks.moved_accounts import DISMISSED, MISTAKES, WAVE, moved_accounts
from hub.acquisition.leading import judged_wave
from tests.fakes.small_operator import AS_OF, MARKET

ACCOUNTS = 800
"""So that each mistake is there twice, and one of two is dismissed."""


def test_every_step_names_what_was_planted_and_a_lost_or_a_strange_account_is_seen(tmp_path: Path) -> None:
    planted = moved_accounts(ACCOUNTS)
    truth = planted.by_mistake
    assert min(len(accounts) for accounts in truth.values()) >= 2
    with operator_of_a_wave(tmp_path).open() as hub:
        filled(hub, planted.records)
        dismissed = dismissed_half(hub, planted)
        readiness = judged_wave(hub, MARKET.id, WAVE, AS_OF, "sign_off").readiness
    assert len(dismissed) == 1
    assert is_true(readiness, truth, dismissed)
    for name, mistake in MISTAKES.items():
        assert mistake.steps
        assert not is_true(readiness, {**truth, name: truth[name] | {"3"}}, dismissed), f"a lost {name}"
        assert not is_true(readiness, {**truth, name: frozenset()}, dismissed), f"a strange {name}"
    assert not is_true(readiness, truth, truth[DISMISSED]), "one of them counts"
