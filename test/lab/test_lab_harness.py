#!/usr/bin/env python3
"""The lab's own judges, without a lab: losses are counted, an address that is given twice is seen, faults strike in their
steps."""
import collections
import json
import os
import sys
import unittest
import unittest.mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib.address_watch import AddressWatch
from lib.lab_faults import Fault, Faults
from lib.talks import Ping, Talk

Change = collections.namedtuple("Change", "type object")


class Said(Ping):
    """A ping whose output is at hand."""

    def __init__(self, text):
        self.name, self.started, self._text = "ping", 100.0, text

    def output(self):
        return self._text


class SaidTalk(Talk):
    def __init__(self, text):
        self._text = text

    def output(self):
        return self._text


def replies(*sequences):
    return "".join(f"[{100 + 0.02 * one:.6f}] 64 bytes from 10.0.0.1: icmp_seq={one} ttl=64 time=0.1 ms\n" for one in sequences)


class PingTest(unittest.TestCase):
    def test_each_ping_without_an_answer_is_counted_with_its_time(self):
        sent, lost = Said(replies(1, 2, 5, 6) + "\n7 packets transmitted, 4 received\n").lost()
        self.assertEqual((sent, [round(time, 2) for time in lost]), (6, [100.06, 100.08]))

    def test_what_comes_after_the_end_of_a_pod_does_not_count(self):
        self.assertEqual(Said(replies(1, 2) + "\n9 packets transmitted, 2 received\n").lost(until=100.05), (2, []))

    def test_a_ping_that_was_killed_counts_up_to_its_last_answer(self):
        self.assertEqual(len(Said(replies(1, 3)).lost()[1]), 1)

    def test_no_answer_at_all_is_an_error(self):
        with self.assertRaisesRegex(AssertionError, "not one answer"):
            Said("ping: connect: Network is unreachable\n").lost()

    def test_requests_without_an_answer_are_counted(self):
        text = 'noise\n{"asked": 5, "failures": [[101.0, 103.0, "timed out"], [109.0, 109.1, "refused"]]}\n'
        self.assertEqual(SaidTalk(text).lost(until=105), (5, [101.0]))

    def test_requests_to_a_successor_count_and_a_while_later_refused_ones_do(self):
        refused = "[Errno 111] refused"
        failures = [[101, 103, "timed out"], [109, 111, "timed out"], [110.5, 112, "timed out"], [111, 111, refused],
                    [126, 126, refused]]
        text = json.dumps({"asked": 9, "failures": failures})
        self.assertEqual(SaidTalk(text).lost(until=105, again=110), (9, [101, 110.5, 126]))

    def test_a_request_whose_pod_ended_while_it_waited_does_not_count(self):
        text = json.dumps({"asked": 9, "failures": [[101, 106, "reset"]]})
        self.assertEqual((SaidTalk(text).lost(until=105), SaidTalk(text).lost(until=107)), ((9, []), (9, [101])))

    def test_the_slowest_answer_is_told(self):
        self.assertEqual(SaidTalk('{"asked": 9, "slowest": 2.5, "failures": []}').slowest, 2.5)


def pod(name, address, **meta):
    return {"metadata": {"name": name, "uid": name} | meta, "spec": {"nodeName": "n1"},
            "status": {"phase": "Running", "podIPs": [{"ip": address}],
                       "conditions": [{"type": "Ready", "status": "True"}]}}


class AddressTest(unittest.TestCase):
    def setUp(self):
        self.gone = []
        self.watch = AddressWatch(None, self.gone.append)

    def see(self, kind, thing):
        self.watch._on_pod(Change(kind, thing))

    def test_an_address_that_two_pods_have_is_an_error(self):
        self.see("ADDED", pod("a", "10.0.0.2"))
        with self.assertRaisesRegex(AssertionError, r"b .* was given {'10.0.0.2'}, which a .* has"):
            self.see("MODIFIED", pod("b", "10.0.0.2"))

    def test_an_address_may_be_given_again_when_its_pod_is_gone(self):
        self.see("ADDED", pod("a", "10.0.0.2"))
        self.see("DELETED", pod("a", "10.0.0.2"))
        self.see("ADDED", pod("b", "10.0.0.2"))
        self.assertEqual(self.gone, ["10.0.0.2"])

    def test_a_pod_that_has_failed_holds_its_address_no_longer(self):
        ended = pod("a", "10.0.0.2")
        self.see("ADDED", pod("a", "10.0.0.2"))
        ended["status"]["phase"] = "Failed"
        self.see("DELETED", ended)
        self.see("ADDED", pod("b", "10.0.0.2"))

    def test_the_absence_of_a_daemon_sets_pod_is_measured(self):
        owner = [{"kind": "DaemonSet", "name": "peer"}]
        self.see("DELETED", pod("a", "10.0.0.2", ownerReferences=owner))
        self.see("ADDED", pod("b", "10.0.0.3", ownerReferences=owner))
        self.assertEqual(set(self.watch.absent), {("peer", "n1")})


class NoOperator:
    def __init__(self):
        self.halted = False

    def halt(self, halted):
        self.halted = halted


class FaultsTest(unittest.TestCase):
    def setUp(self):
        self.struck, self.operator, self.lab = [], NoOperator(), unittest.mock.Mock()
        stop = Fault("cut", "n1", "Stop", self.struck.append, later=("n2", "n3"))
        self.faults = Faults(self.lab, self.operator, "Calico", [stop])
        self.faults._watch.step = lambda node: self.is_in

    def see(self, node, step, is_in=None):
        self.is_in = is_in or step
        self.faults._on_step(node, step)
        for one in self.faults._running:
            one.result()

    def test_a_fault_strikes_its_node_once_and_lets_the_operator_go(self):
        for node, step in (("n2", "Stop"), ("n1", "Stop"), ("n3", "Stop")):
            self.see(node, step)
        self.assertEqual((self.struck, self.faults.missed, self.operator.halted), (["n1"], [], False))

    def opened(self):
        return {call.args[1] for call in self.lab.delete.call_args_list}

    def test_nodes_are_held_in_a_step_until_one_was_struck(self):
        self.see("n1", "Cordon")
        self.assertEqual(self.opened(), set())
        self.see("n1", "Stop", is_in="Hand")
        self.assertEqual(self.opened(), {"n1-stays-in-stop"})
        self.see("n2", "Stop")
        self.assertEqual(self.opened(), {f"n{node}-stays-in-stop" for node in (1, 2, 3)})

    def test_a_step_that_was_not_seen_is_struck_on_a_later_node(self):
        for after in ("Hand", None):
            with self.subTest(after=after):
                self.setUp()
                self.see("n1", "Cordon")
                self.see("n1", after)
                self.see("n2", "Stop")
                self.assertEqual((self.struck, self.faults.missed), (["n2"], []))

    def test_a_fault_that_came_too_late_is_missed_until_it_strikes_a_later_node(self):
        self.see("n1", "Stop", is_in="Hand")
        self.assertEqual((self.struck, self.faults.missed), (["n1"], ["cut at Stop"]))
        self.see("n2", "Stop")
        self.assertEqual((self.struck, self.faults.missed), (["n1", "n2"], []))


if __name__ == "__main__":
    lib.main(needs_cluster=False)
