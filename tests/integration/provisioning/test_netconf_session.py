"""A NETCONF session against a real server: a change stays only where it was read back and confirmed."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from canonical_model.errors import OutcomeUnknown, RetryableError, UnsafeToContinue
from hub.sagas.desk import Desk
from provisioning.change import planned, shows
from provisioning.drivers.netconf_bbf import open_driver
from provisioning.netconf.session import CONFIRM_WITHIN_S, NetconfSession
from provisioning.standing import wanted
from tests.fakes.lines import ONT, line, profile
from tests.netconf_server import NetconfOlt, netconf_olt
from tests.peers import require_peer

POLICIES = '<qos-policy-profiles xmlns="urn:bbf:yang:bbf-qos-policies"/>'
NEW = (
    '<qos-policy-profiles xmlns="urn:bbf:yang:bbf-qos-policies">'
    "<policy-profile><name>down-77</name></policy-profile></qos-policy-profiles>"
)


@pytest.fixture
def olt(tmp_path: Path) -> Iterator[NetconfOlt]:
    with netconf_olt(require_peer("netconfd"), tmp_path / "olt") as running:
        yield running


@pytest.fixture
def session(olt: NetconfOlt) -> Iterator[NetconfSession]:
    opened = olt.session()
    yield opened
    opened.close()


def has_policy(olt: NetconfOlt) -> bool:
    own = olt.session()
    try:
        names = own.read(POLICIES).iterfind(".//{urn:bbf:yang:bbf-qos-policies}name")
        return "down-77" in [each.text for each in names]
    finally:
        own.close()


def test_a_change_that_shows_is_confirmed_and_outlives_the_session(olt: NetconfOlt, session: NetconfSession) -> None:
    session.change(NEW, lambda: has_policy(olt), "one")
    session.close()
    assert has_policy(olt)


def test_a_device_that_says_ok_and_shows_nothing_is_not_believed(olt: NetconfOlt, session: NetconfSession) -> None:
    with pytest.raises(UnsafeToContinue, match="shows nothing of it") as refusal:
        session.change(NEW, lambda: False, "one")
    assert not isinstance(refusal.value, OutcomeUnknown)
    assert not has_policy(olt)
    session.change(NEW, lambda: has_policy(olt), "one")
    assert has_policy(olt)


def test_a_process_that_dies_before_it_confirms_leaves_a_change_that_the_next_one_calls_off(
    olt: NetconfOlt, session: NetconfSession
) -> None:
    class Killed(BaseException):
        pass

    def killed() -> bool:
        raise Killed

    with pytest.raises(Killed):
        session.change(NEW, killed, "one")
    assert has_policy(olt)  # for half a minute
    session.close()
    other = olt.session()
    with pytest.raises(UnsafeToContinue, match="shows nothing of it"):
        other.change(NEW, lambda: False, "one")
    other.close()
    assert not has_policy(olt)


def test_a_device_that_somebody_else_holds_is_left_alone(olt: NetconfOlt, session: NetconfSession) -> None:
    seen: list[str] = []

    def meanwhile() -> bool:
        other = olt.session()
        with pytest.raises(RetryableError, match="another session holds it"):
            other.change(NEW, lambda: True, "two")
        other.close()
        seen.append("refused")
        return has_policy(olt)

    session.change(NEW, meanwhile, "one")
    assert seen == ["refused"]


def test_what_the_models_do_not_allow_is_refused_by_name(session: NetconfSession) -> None:
    long = NEW.replace("down-77", "x" * 65)
    with pytest.raises(UnsafeToContinue, match="the plant refuses: "):
        session.change(long, lambda: True, "one")


def test_a_lease_is_far_longer_than_a_change_may_stay_unconfirmed() -> None:
    (lease,) = (each.default for each in fields(Desk) if each.name == "lease")
    assert isinstance(lease, timedelta)
    assert lease >= 5 * timedelta(seconds=CONFIRM_WITHIN_S)


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[NetconfOlt]:
    """A device whose running configuration is all that it has."""
    with netconf_olt(require_peer("netconfd"), tmp_path / "plain", target="running") as running:
        yield running


TAKEN_AWAY = (
    '<qos-policy-profiles xmlns="urn:bbf:yang:bbf-qos-policies"><policy-profile '
    'xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" nc:operation="remove"><name>down-77</name></policy-profile>'
    "</qos-policy-profiles>"
)


def test_how_a_device_is_changed_is_what_it_announces(olt: NetconfOlt, plain: NetconfOlt) -> None:
    for device, way in ((olt, "confirmed"), (plain, "running")):
        session = device.session()
        assert session.way == way
        session.close()


def test_without_a_confirmed_commit_the_way_back_is_ours(plain: NetconfOlt) -> None:
    session = plain.session()
    session.change(NEW, lambda: has_policy(plain), "one", back=lambda: TAKEN_AWAY)
    assert has_policy(plain)
    session.change(TAKEN_AWAY, lambda: not has_policy(plain), "one", back=lambda: NEW)
    with pytest.raises(UnsafeToContinue, match="shows nothing of it") as refusal:
        session.change(NEW, lambda: False, "one", back=lambda: TAKEN_AWAY)
    assert not isinstance(refusal.value, OutcomeUnknown)
    assert not has_policy(plain)
    session.close()


def test_without_a_way_back_nothing_is_changed(plain: NetconfOlt) -> None:
    session = plain.session()
    with pytest.raises(UnsafeToContinue, match="has no confirmed commit, and there is no way back"):
        session.change(NEW, lambda: True, "one")
    assert not has_policy(plain)
    session.close()


def test_a_way_back_that_is_refused_is_told_as_unknown(plain: NetconfOlt) -> None:
    session = plain.session()
    with pytest.raises(OutcomeUnknown, match="was not brought back"):
        session.change(NEW, lambda: False, "one", back=lambda: NEW.replace("down-77", "x" * 65))
    session.close()


def test_a_line_on_a_device_without_a_candidate_is_made_changed_and_taken_away(plain: NetconfOlt) -> None:
    its = line(port="1", serial=ONT)
    wish = dict(wanted("access", "active", its, profile()) or {})
    driver = open_driver(plain.settings())
    made = planned("access", its, driver.observe(its), wish)
    driver.apply(made)
    assert shows(driver.observe(its), wish)
    with pytest.raises(UnsafeToContinue, match="olt-1 refuses"):
        driver.apply(planned("access", its, driver.observe(its), {**wish, "down_mbps": 77}))
    assert shows(driver.observe(its), wish)
    driver.apply(made.inverse)
    assert driver.observe(its).settings is None
    driver.close()


def test_light_is_read_where_the_dialect_knows_it_and_a_dark_terminal_has_none(olt: NetconfOlt) -> None:
    its = line(port="1", serial=ONT)
    olt.plug(ONT, "1", "v-ani.1.1")
    driver, elsewhere = open_driver(olt.settings()), open_driver(olt.settings(variant="calix_axos"))
    assert driver.observe(its).condition.powers == ()
    olt.shine(ONT, -213)
    (power,) = driver.observe(its).condition.powers
    assert (power.side, str(power.dbm), power.raw_unit) == ("olt_rx", "-21.3", "dbm_tenth")
    assert str(power.resolution_db) == "0.1"
    assert elsewhere.observe(its).condition.powers == ()
    for no_reading in (0, -32768, 65535):
        olt.shine(ONT, no_reading)
        assert driver.observe(its).condition.powers == ()
    driver.close()
    elsewhere.close()
