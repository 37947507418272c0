#!/usr/bin/env python3
"""The stand-in for Calico, before an operator is blamed: one node is handed over by hand, with pings."""
import collections
import itertools
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import Lab, calico_check, calico_write, lab_story, paths
from lib.cluster import NETWORK_LABEL
from lib.lab import address_of, pod_on
from lib.talks import Talks

MOVED = "n2"


def setUpModule():
    global LAB, EXPECTED
    LAB = unittest.enterModuleContext(Lab(nodes=3, calico=True))
    LAB.apply(os.path.join(paths.LAB, "workloads.yaml"))
    # All of them: a pod that gets its address after the others were reserved would not be.
    for labels, count in (*lab_story.WORKLOADS, ("app=peer", 3)):
        LAB.wait_pods(labels, count)
    EXPECTED = calico_check.expectations(LAB)


def set_network(node, value):
    LAB.patch("nodes", node, {"metadata": {"labels": {NETWORK_LABEL: value}}})


def let_flannel_follow_the_label():
    for node in LAB.names:
        set_network(node, "flannel")
    LAB.patch("daemonsets", "kube-flannel-ds", {"spec": {
        "updateStrategy": {"type": "OnDelete", "rollingUpdate": None},
        "template": {"spec": {"nodeSelector": {NETWORK_LABEL: "flannel"}}}}}, namespace="kube-flannel")


def live_addresses(node):
    """Of the pods on the bridge, and the bridge's own."""
    pods = LAB.list("pods", fields=f"spec.nodeName={node}")
    live = [address_of(pod) for pod in pods if not pod["spec"].get("hostNetwork") and pod["status"].get("podIP")]
    return live


def routes_to_peers(node):
    """As Felix lays them; without them packets are lost when it starts."""
    for peer in LAB.names:
        for block in calico_check.blocks_of(EXPECTED[peer].cidrs[4], 26) if peer != node else ():
            yield ["route", "add", str(block), "via", EXPECTED[peer].cidrs[4].split("/")[0], "dev", "vxlan.calico", "onlink"]


def hand_over(node, live):
    for line in (["link", "set", "flannel.1", "name", "vxlan.calico"], *routes_to_peers(node),
                 *(["route", "add", f"{address}/32", "dev", "cni0"] for address in live)):
        LAB.enter(node, "ip", *line)


def device(node, name):
    return json.loads(LAB.enter(node, "ip", "-json", "-details", "link", "show", name))[0]


def ping_all_pairs(pings):
    for pod, peer in itertools.permutations(LAB.wait_pods("app=peer", 3), 2):
        pings.ping(pod["spec"]["nodeName"], address_of(pod), address_of(peer))


class StandInTest(unittest.TestCase):
    """One story: the tests run in the order of their names."""

    def test_1_it_keeps_a_tunnel_that_is_handed_over_without_a_loss(self):
        let_flannel_follow_the_label()
        live = live_addresses(MOVED)
        calico_write.write_settings(LAB, "10.244.0.0/16")
        for node in LAB.names:
            bridge = EXPECTED[node].cidrs[4].replace(".0/24", ".1")
            calico_write.write_node(LAB, node, EXPECTED[node], [*live, bridge] if node == MOVED else ())
        before = device(MOVED, "flannel.1")
        with Talks(LAB) as pings:
            ping_all_pairs(pings)
            set_network(MOVED, "none")
            LAB.wait(lambda: not LAB.list("pods", "kube-flannel", fields=f"spec.nodeName={MOVED}"), 300, "flannel gone")
            hand_over(MOVED, live)
            set_network(MOVED, "calico")
            LAB.wait_pods("k8s-app=calico-node", 1, namespace="kube-system")
            LAB.settle(3)
        for ping in pings.all:
            sent, lost = ping.lost()
            self.assertGreater(sent, 100, ping.name)
            self.assertEqual(lost, [], ping.name)
        after = device(MOVED, "vxlan.calico")
        self.assertEqual((before["ifindex"], before["address"]), (after["ifindex"], after["address"]))

    def test_2_it_lays_calicos_routes(self):
        routes = {route["dst"]: route for route in json.loads(LAB.enter(MOVED, "ip", "-json", "-details", "route"))}
        for node in LAB.names:
            self.assertEqual(EXPECTED[node].cidrs[4] in routes, node == MOVED, "flannel's route")
            for cidr in map(str, calico_check.blocks_of(EXPECTED[node].cidrs[4], 26)):
                self.assertEqual(routes[cidr]["protocol"], "80" if node == MOVED else "boot")
                self.assertEqual(routes[cidr]["type"] == "blackhole", node == MOVED, cidr)

    def test_3_a_new_pod_gets_a_free_address_of_the_nodes_blocks(self):
        taken = set(live_addresses(MOVED))
        old = pod_on(MOVED, LAB.pods("app=peer"))
        LAB.delete("pods", old["metadata"]["name"], "default")
        LAB.wait(lambda: not LAB.find("pods", old["metadata"]["name"], "default"), 300, "the old pod gone")
        pods = LAB.wait_pods("app=peer", 3)
        new = pod_on(MOVED, pods)
        self.assertNotIn(address_of(new), taken)
        self.assertIn("dev cali", LAB.enter(MOVED, "ip", "route", "get", address_of(new)))
        for pod, peer in itertools.permutations(pods, 2):
            self.assertIn(" 0% packet loss", LAB.execute(pod, "ping", "-c", "3", "-i", "0.1", "-W", "2", address_of(peer)))

    def test_4_a_removed_pod_gives_its_address_back(self):
        def held():
            return [name for name in (one["metadata"]["name"] for one in LAB.list("ipamhandles"))
                    if name.startswith("k8s-pod-network.")]

        before = held()
        self.assertTrue(before)
        pod = pod_on(MOVED, LAB.pods("app=peer"))
        LAB.delete("pods", pod["metadata"]["name"], "default")
        LAB.wait(lambda: held() and not set(held()) & set(before), 300, "the old handle gone, a new one there")

    def test_5_it_complains_of_an_object_that_calico_would_not_have_written(self):
        name = calico_check.cidr_name(EXPECTED["n1"].cidrs[4].replace("/24", "/26"))
        kept = LAB.get("ipamblocks", name)
        LAB.patch("ipamblocks", name, {"spec": {"unallocated": kept["spec"]["unallocated"][1:]}})
        LAB.wait(lambda: f"COMPLAINT: IPAMBlock {name}: unallocated" in self.log(), 300, "a complaint")
        LAB.patch("ipamblocks", name, {"spec": {"unallocated": kept["spec"]["unallocated"]}})

    def test_6_kube_controllers_free_the_address_of_a_pod_that_is_gone(self):
        cidr = next(iter(calico_check.blocks_of(EXPECTED[MOVED].cidrs[4], 26)))
        for ordinal, handle, owner in ((60, "k8s-pod-network.gone", {"namespace": "default", "pod": "gone"}), (61, "somebody", {})):
            calico_write.allocate(LAB, cidr, ordinal, {"handle_id": handle, "secondary": {"node": MOVED} | owner})
        before = self.held_in(cidr)
        LAB.collect_after("4s")
        LAB.wait_collected()
        # Neither the tunnel's, nor those of living pods, nor one that nobody knows anything of.
        self.assertEqual(before - self.held_in(cidr), {60})
        handles = {one["metadata"]["name"] for one in LAB.list("ipamhandles")}
        self.assertEqual(handles & {"k8s-pod-network.gone", "somebody"}, {"somebody"})

    def test_7_kube_controllers_take_empty_blocks_of_a_moved_node_only(self):
        for kind, owner in (("ipamblocks", lambda spec: spec["affinity"]), ("blockaffinities", lambda spec: f"host:{spec['node']}")):
            owners = collections.Counter(owner(one["spec"]) for one in LAB.list(kind))
            self.assertEqual(owners, {f"host:{node}": 1 if node == MOVED else 4 for node in LAB.names}, kind)

    @staticmethod
    def held_in(cidr):
        spec = LAB.get("ipamblocks", calico_check.cidr_name(cidr))["spec"]
        return {ordinal for ordinal, owner in enumerate(spec["allocations"]) if owner is not None}

    @staticmethod
    def log():
        return LAB.kubectl("-n", "kube-system", "logs", "-l", "k8s-app=calico-node", "--tail=50")


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True)
