#!/usr/bin/env python3
"""Programs are killed at each step of a move, in both directions: nothing is lost, and the end is reached."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import ApiError, lab_story
from lib.lab_case import LabCase
from lib.lab_faults import AGENT_SECONDS, BACK_SECONDS, Fault
from lib.move_watch import STEPS

# Where an agent is killed. The last node is left whole: what a node that turned round has missed is struck there.
AGENTS = (("n1", "Clean"), ("n1", "Hand"), ("n2", "Verify"))


class FaultsTest(lab_story.Story, LabCase):
    """The operator is a process beside the nodes: kubelet would start a pod that was killed again and again ever later."""

    @classmethod
    def start_operator(cls):
        cls.start_operator_beside()

    def kill_operator(self, _):
        self.operator.restart()

    def kill_kubelet(self, node):
        return bool(self.lab.kill(node, "[^ ]*/kubelet --config", BACK_SECONDS))

    def kill_containerd(self, node):
        """Not where a pod would be lost by containerd alone."""
        lone = self.lab.lone_containers(node)
        if lone:
            print(f"{node}: containers {', '.join(lone)} have shims of their own", flush=True)
        return not lone and bool(self.lab.kill(node, "[^ ]*/containerd --config", BACK_SECONDS))

    def kill_agent(self, node):
        """It runs for a moment only: the hunt begins before its pod runs."""
        return bool(self.lab.kill(node, "/usr/bin/flannel-migration-agent ", AGENT_SECONDS))

    def delete_flannel(self, node):
        """The one that is there, or the next one: the DaemonSet controller takes its time."""
        return bool(self.lab.wait(lambda: self.try_to_delete_flannel(node), AGENT_SECONDS, f"flannel's pod of {node} deleted"))

    def try_to_delete_flannel(self, node):
        pods = self.lab.list("pods", "kube-flannel", fields=f"spec.nodeName={node}")
        name = next((pod["metadata"]["name"] for pod in pods if "deletionTimestamp" not in pod["metadata"]), None)
        try:
            return name and self.lab.delete("pods", name, "kube-flannel")
        except ApiError as error:
            # It has gone by itself.
            if error.status != 404:
                raise
            return None

    def faults(self, flannels):
        """Each program at each step, each time on another node; flannel's pods at `flannels`: (step, node moved, its node)."""
        kills = (("operator", self.kill_operator), ("kubelet", self.kill_kubelet), ("containerd", self.kill_containerd))
        order = self.lab.names
        matrix = [Fault(name, order[(row + column) % len(order)], step, kill, later=order)
                  for row, (name, kill) in enumerate(kills) for column, step in enumerate(STEPS)]
        agents = [Fault("agent", node, step, self.kill_agent, later=order) for node, step in AGENTS]
        return agents + matrix + [Fault(f"flannel of {target}", node, step, self.delete_flannel, target=target)
                                  for step, node, target in flannels]

    def move_struck(self, target, phase, flannels):
        traffic = self.move_through(target, phase, self.faults(flannels), maxUnavailable=2)
        self.assert_nothing_lost(traffic)

    def test_1_to_calico(self):
        # Of a node that is moved, and of one that waits.
        self.move_struck("Calico", "Completed", (("Cordon", "n2", "n2"), ("Hand", "n1", "n3")))
        self.assert_all_of_calico()
        self.assert_no_complaint(self.lab)

    def test_2_back_to_flannel(self):
        # Of a node that is moved, and of one that was.
        self.move_struck("Flannel", "Reverted", (("Start", "n2", "n2"), ("Refresh", "n2", "n3")))
        self.assert_all_of_flannel()


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)
