"""The same edit as XML and as JSON (RFC 7951), and what stands there with ours put into it."""

from lxml import etree

from provisioning.netconf.dialects import names_of
from provisioning.netconf.tr385 import settings_in
from provisioning.restconf.encoding import merged
from provisioning.restconf.resources import as_data, contained, interface, told_of
from provisioning.standing import wanted
from tests.fakes.lines import ONT, line, profile

LINE = line(port="1", serial=ONT)
WANTED = dict(wanted("access", "active", LINE, profile()) or {})
NAMES = names_of("tr385", {}, LINE, WANTED)


def test_lists_numbers_and_names_of_modules_are_spelled_as_the_standard_says() -> None:
    told = {resource.path: resource.body for resource in told_of(NAMES, LINE, WANTED)}
    assert list(told) == [
        "ietf-interfaces:interfaces/interface=v-ani.1.1",
        "ietf-interfaces:interfaces/interface=olt-v-enet.1.1",
        "ietf-interfaces:interfaces/interface=subscriber.1.1",
        "bbf-xpongemtcont:xpongemtcont/traffic-descriptor-profiles/traffic-descriptor-profile=up-0-500",
        "bbf-xpongemtcont:xpongemtcont/tconts/tcont=tcont.1.1",
        "bbf-xpongemtcont:xpongemtcont/gemports/gemport=gemport.1.1",
    ]
    v_ani = told["ietf-interfaces:interfaces/interface=v-ani.1.1"]
    assert v_ani["type"] == "bbf-xpon-if-type:v-ani"
    assert v_ani["enabled"] is True
    assert v_ani["bbf-xponvani:v-ani"]["onu-id"] == 1
    rate = told["bbf-xpongemtcont:xpongemtcont/traffic-descriptor-profiles/traffic-descriptor-profile=up-0-500"]
    assert rate["maximum-bandwidth"] == "500000000"
    processing = told["ietf-interfaces:interfaces/interface=subscriber.1.1"][
        "bbf-sub-interfaces:inline-frame-processing"
    ]
    (rule,) = processing["ingress-rule"]["rule"]
    assert rule["flexible-match"] == {"bbf-sub-interface-tagging:match-criteria": {"untagged": [None]}}
    tags = rule["ingress-rewrite"]["bbf-sub-interface-tagging:push-tag"]
    assert [(tag["index"], tag["dot1q-tag"]["vlan-id"]) for tag in tags] == [(0, 100), (1, 1001)]


def test_what_was_told_is_read_as_it_was_meant() -> None:
    data = as_data({resource: resource.body for resource in told_of(NAMES, LINE, WANTED)})
    assert settings_in(data, NAMES) == WANTED


def test_what_nobody_knows_is_left_out_of_a_reading() -> None:
    body = {"name": "v-ani.1.1", "vendor-extra:led": {"colour": "blue"}}
    assert b"blue" not in etree.tostring(as_data({interface("v-ani.1.1"): body}))


def test_settings_of_others_stay_and_our_own_rule_is_replaced_whole() -> None:
    there = {
        "name": "x",
        "description": "theirs",
        "vendor:led": 1,
        "m:ingress-rule": {"rule": [{"name": "voice", "priority": 1}, {"name": "subscriber", "old": True}]},
    }
    ours = {"name": "x", "description": "ours", "m:ingress-rule": {"rule": [{"name": "subscriber", "priority": 100}]}}
    assert merged(there, ours) == {
        "name": "x",
        "description": "ours",
        "vendor:led": 1,
        "m:ingress-rule": {"rule": [{"name": "voice", "priority": 1}, {"name": "subscriber", "priority": 100}]},
    }
    assert merged(None, ours) == ours


def test_a_name_with_a_slash_stays_one_step_of_a_path() -> None:
    assert contained("tcont", "tcont.1/1/1.2").path.endswith("/tcont=tcont.1%2F1%2F1.2")
