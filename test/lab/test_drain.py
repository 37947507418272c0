#!/usr/bin/env python3
"""Method Drain on real kubelets: a node that is moved is silent for a while, and nobody else loses a packet."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import lab_story
from lib.lab_case import LabCase, Traffic

SLACK = 1.0  # seconds that a watch may be late by


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


class DrainTest(lab_story.Story, LabCase):
    def move_and_time(self, target, phase):
        with OutOfService(self.lab) as out, Traffic(self.lab) as traffic:
            self.lab.apply_migration(target=target, rollout={"method": "Drain"})
            self.lab.wait_phase(phase, lab_story.SECONDS)
            self.lab.settle(2)
        return out, traffic

    def assert_losses_are_of_nodes_out_of_service(self, out, traffic):
        print(f"\n{traffic.report()}\nout of service: "
              + ", ".join(f"{node} {end - begin:.1f} s" for node, (begin, end) in sorted(out.spans.items())), flush=True)
        for talk, nodes, lost in traffic.losses():
            # The Service's pods are everywhere: its answers come from nodes that are out of service, too.
            others = [moment for moment in lost if not out.covers(nodes, moment)]
            self.assertEqual(others, [], talk.name)

    def test_1_to_calico(self):
        self.assert_losses_are_of_nodes_out_of_service(*self.move_and_time("Calico", "Completed"))
        self.assert_all_of_calico()

    def test_2_back_to_flannel(self):
        self.assert_losses_are_of_nodes_out_of_service(*self.move_and_time("Flannel", "Reverted"))
        self.assert_all_of_flannel()


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)
