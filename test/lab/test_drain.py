#!/usr/bin/env python3
"""Method Drain on real kubelets: a node that is moved is silent for a while, and nobody else loses a packet."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import lab_story
from lib.lab_case import LabCase, Traffic
from lib.move_watch import MoveWatch
from lib.talks import INTERVAL, Ping

SLACK = 1.0  # seconds that a watch may be late by
SWAP = 0.3  # seconds that a tunnel may be away for beside the time that calico-node takes to start
BUSY = 5.0  # what a busy machine may add to it


class OutOfService:
    """`with OutOfService(lab) as out:` when each node was cordoned, and for how long."""

    def __init__(self, lab):
        self._lab, self.spans = lab, {}

    def __enter__(self):
        self._watch = self._lab.watch("nodes", on_change=self._on_node)
        return self

    def __exit__(self, kind, error, trace):
        self._watch.__exit__(kind, error, trace)

    def _on_node(self, change):
        node, now = change.object, time.time()
        name = node["metadata"]["name"]
        if node["spec"].get("unschedulable"):
            self.spans.setdefault(name, [now, None])
        elif name in self.spans and self.spans[name][1] is None:
            self.spans[name][1] = now

    def covers(self, nodes, moment):
        spans = [self.spans[node] for node in nodes if node in self.spans]
        return any(begin - SLACK <= moment <= end + SLACK for begin, end in spans)


class Starts:
    """How long the DaemonSet that is entered took on each node: `seconds`."""

    def __init__(self, lab, towards):
        self.seconds, self._began = {}, {}
        self.watch = MoveWatch(lab, towards, self._on_step)

    def _on_step(self, node, step):
        if step == "Start":
            self._began[node] = time.time()
        elif step == "Verify":
            self.seconds[node] = time.time() - self._began[node]


def tunnel_gaps(out, traffic):
    """Of each node, for how long its tunnel did not answer the others while it was out of service."""
    gaps = {}
    for talk, nodes, lost in traffic.losses():
        if not talk.source and isinstance(talk, Ping):
            own = [moment for moment in lost if out.covers(nodes[1:], moment)]
            gaps[nodes[1]] = max(gaps.get(nodes[1], 0), longest_run(own))
    return gaps


def longest_run(lost):
    """Of pings without an answer that follow each other, in seconds."""
    longest, begin = 0, None
    for before, moment in zip([None, *lost], lost):
        if before is None or moment - before > 2.5 * INTERVAL:
            begin = moment
        longest = max(longest, moment - begin + INTERVAL)
    return longest


class DrainTest(lab_story.Story, LabCase):
    def move_and_time(self, target, phase):
        starts = Starts(self.lab, target)
        with OutOfService(self.lab) as out, Traffic(self.lab) as traffic, starts.watch:
            self.lab.apply_migration(target=target, rollout={"method": "Drain"})
            self.lab.wait_phase(phase, lab_story.SECONDS)
            self.lab.settle(2)
        self.assert_losses_are_of_nodes_out_of_service(out, traffic)
        self.assert_gaps_fit(tunnel_gaps(out, traffic), starts.seconds)

    def assert_gaps_fit(self, gaps, starts):
        self.assertEqual(sorted(gaps), self.lab.names)
        for node, gap in sorted(gaps.items()):
            print(f"{node}: tunnel away for {gap:.2f} s, of which the start took {starts[node]:.2f} s", flush=True)
            self.assertLess(gap, SWAP + starts[node] + BUSY, node)

    def assert_losses_are_of_nodes_out_of_service(self, out, traffic):
        print(f"\n{traffic.report()}\nout of service: "
              + ", ".join(f"{node} {end - begin:.1f} s" for node, (begin, end) in sorted(out.spans.items())), flush=True)
        for talk, nodes, lost in traffic.losses():
            # The Service's pods are everywhere: its answers come from nodes that are out of service, too.
            others = [moment for moment in lost if not out.covers(nodes, moment)]
            self.assertEqual(others, [], talk.name)

    def test_1_to_calico(self):
        self.move_and_time("Calico", "Completed")
        self.assert_all_of_calico()

    def test_2_back_to_flannel(self):
        self.move_and_time("Flannel", "Reverted")
        self.assert_all_of_flannel()


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)
