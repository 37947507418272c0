#!/usr/bin/env python3
"""The lab itself: real kubelets with real flannel are there, and packets flow, before a migration is blamed."""
import itertools
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import Lab, paths
from lib.lab import address_of, pod_on



def setUpModule():
    global LAB
    LAB = unittest.enterModuleContext(Lab(nodes=3))
    LAB.apply(os.path.join(paths.LAB, "workloads.yaml"))


def pairs():
    return itertools.permutations(LAB.wait_pods("app=peer", 3), 2)


class FlannelTest(unittest.TestCase):
    def test_every_node_is_ready_and_says_what_flannel_gave_it(self):
        nodes = LAB.nodes()
        self.assertEqual(sorted(nodes), ["n1", "n2", "n3"])
        for name, node in nodes.items():
            ready = next(one for one in node["status"]["conditions"] if one["type"] == "Ready")
            self.assertEqual(ready["status"], "True", name)
            notes = node["metadata"]["annotations"]
            self.assertEqual(notes["flannel.alpha.coreos.com/backend-type"], "vxlan", name)
            device = json.loads(LAB.enter(name, "ip", "-json", "-details", "link", "show", "flannel.1"))[0]
            data = json.loads(notes["flannel.alpha.coreos.com/backend-data"])
            self.assertEqual((data["VNI"], data["VtepMAC"]), (1, device["address"]), name)

    def test_every_pair_of_pods_answers_pings(self):
        for pod, peer in pairs():
            output = LAB.execute(pod, "ping", "-c", "5", "-i", "0.1", "-W", "2", address_of(peer))
            self.assertIn(" 0% packet loss", output)

    def test_every_pair_of_pods_speaks_tcp(self):
        for pod, peer in pairs():
            self.assertIn(peer["metadata"]["name"], LAB.fetch(pod, address_of(peer), 8080))

    def test_a_service_leads_to_all_its_pods(self):
        wanted = {pod["metadata"]["name"] for pod in LAB.wait_pods("app=web", 4)}
        service = LAB.get("services", "web", "default")["spec"]["clusterIP"]
        for pod in LAB.wait_pods("app=peer", 3):
            answers = [LAB.fetch(pod, service, 80) for _ in range(8)]
            named = [name for answer in answers for name in wanted if name in answer]
            self.assertEqual(len(named), 8, answers)
            self.assertGreater(len(set(named)), 1, "always the same pod")

    def test_all_kinds_of_pods_run(self):
        for labels, count in (("app=web", 4), ("app=store", 2), ("app=bare", 1)):
            LAB.wait_pods(labels, count)

    def test_a_pod_reaches_the_api_server_by_its_service(self):
        pod = LAB.wait_pods("app=peer", 3)[0]
        service = LAB.get("services", "kubernetes", "default")["spec"]["clusterIP"]
        # It wants TLS, and says so.
        self.assertIn("400 Bad Request", LAB.fetch(pod, service, 443))


def kubelet_of(node):
    return LAB.enter(node, "sh", "-c", "pgrep -ox kubelet || true").strip()


# The sandbox's shim can no longer be reached when kubelet starts the container again.
HIDE_SHIM = """
    task=/run/containerd/io.containerd.runtime.v2.task/k8s.io/$1
    rm "$(sed s,unix://,, "$task/address")"
    kill -9 "$(cat "$task/init.pid")"
"""


def peer_of(node):
    return pod_on(node, LAB.wait_pods("app=peer", 3))


def container_of(pod):
    return pod["status"]["containerStatuses"][0].get("containerID", "").removeprefix("containerd://")


class MachineTest(unittest.TestCase):
    def test_a_container_with_a_shim_of_its_own_is_seen(self):
        self.assertEqual(LAB.lone_containers("n1"), [])
        before = peer_of("n1")
        LAB.enter("n1", "sh", "-euc", HIDE_SHIM, "_", container_of(before))
        LAB.wait(lambda: container_of(peer_of("n1")) != container_of(before), 300, "another container")
        self.assertEqual(LAB.lone_containers("n1"), [container_of(peer_of("n1"))])
        # The others are to find a whole one.
        LAB.delete("pods", before["metadata"]["name"], "default")
        LAB.wait(lambda: not LAB.lone_containers("n1"), 300, "the container gone")

    def test_a_killed_kubelet_comes_back(self):
        before = kubelet_of("n2")
        LAB.enter("n2", "kill", "-9", before)
        LAB.wait(lambda: kubelet_of("n2") not in ("", before), 300, "another kubelet")


class SecondLabTest(unittest.TestCase):
    def test_another_lab_runs_beside_it_with_two_families(self):
        with Lab(nodes=2, dual_stack=True) as second:
            second.apply(os.path.join(paths.LAB, "workloads.yaml"))
            pod, peer = second.wait_pods("app=peer", 2)
            for version in (4, 6):
                output = second.execute(pod, "ping", "-c", "3", "-W", "2", address_of(peer, version))
                self.assertIn(" 0% packet loss", output)
        self.assertEqual(len(LAB.wait_pods("app=peer", 3)), 3)


if __name__ == "__main__":
    lib.main(needs_lab=True)
