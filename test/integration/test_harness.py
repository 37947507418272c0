"""The harness itself, without a cluster: the Calico check knows good from bad, the audit log what came when."""
import copy
import datetime
import json
import pathlib
import tempfile
import unittest

import lib
from lib import calico_check as check
from lib.audit import AuditLog

NODE = "kind-worker"
CIDR = "10.244.1.0/26"
SEED = 1787405600000000000


def block():
    return {"metadata": {"name": "10-244-1-0-26"}, "spec": {
        "cidr": CIDR, "affinity": f"host:{NODE}", "affinityClaimTime": "2026-08-22T13:33:20Z",
        "allocations": [0] + [None] * 63, "unallocated": list(range(1, 64)),
        "attributes": [{"handle_id": f"vxlan-tunnel-addr-{NODE}",
                        "secondary": {"node": NODE, "type": "vxlanTunnelAddress"}}],
        "sequenceNumber": SEED + 1, "sequenceNumberForAllocation": {"0": SEED}, "deleted": False, "strictAffinity": False}}


def affinity():
    return {"metadata": {"name": "kind-worker-10-244-1-0-26", "labels": {
        "projectcalico.org/affinity-type": "host", "projectcalico.org/ip-version": "4",
        "projectcalico.org/hostname-hash": "IBVBROKXJCMHPK3CZI3D3PWK642IN433QZEAMKIO7Z4KRA4BKK3Q"}},
        "spec": {"cidr": CIDR, "deleted": "false", "node": NODE, "state": "confirmed", "type": "host"}}


def handle():
    return {"metadata": {"name": f"vxlan-tunnel-addr-{NODE}"},
            "spec": {"handleID": f"vxlan-tunnel-addr-{NODE}", "block": {CIDR: 1}, "deleted": False}}


class FakeCluster:
    """A block as Calico wrote it, one for the node's whole pod network."""

    def __init__(self):
        self.node = {"metadata": {"name": NODE, "annotations": {
            "projectcalico.org/IPv4Address": "172.18.0.3/16", "projectcalico.org/IPv4VXLANTunnelAddr": "10.244.1.0",
            "projectcalico.org/VXLANTunnelMACAddr": "56:1d:00:00:00:01"}}, "spec": {"podCIDRs": [CIDR]}}
        self.things = {"ipamblocks": [block()], "blockaffinities": [affinity()], "ipamhandles": [handle()]}
        self.expected = {NODE: check.Expected({4: CIDR}, {4: "172.18.0.3"}, {4: "56:1d:00:00:00:01"})}

    def nodes(self):
        return {NODE: self.node}

    def list(self, kind):
        return self.things[kind]

    def problems(self, **options):
        return check.find_problems(self, self.expected, **options)


class NamesTest(unittest.TestCase):
    def test_hashes_are_calicos(self):
        self.assertEqual(check.hostname_hash("node-a"), "PY3TQE2E3XMTETLM2MJO3UITKPFB27YUJ4T4E5XGPEJON3SM4QAA")
        self.assertEqual(check.hostname_hash(NODE), "IBVBROKXJCMHPK3CZI3D3PWK642IN433QZEAMKIO7Z4KRA4BKK3Q")

    def test_cidr_names_are_calicos(self):
        for cidr, name in (("10.244.1.0/26", "10-244-1-0-26"), ("fd00:10:244:1::/122", "fd00-10-244-1---122"),
                           ("2001:cafe:42:0:1::40/122", "2001-cafe-42-0-1--40-122")):
            self.assertEqual(check.cidr_name(cidr), name)

    def test_long_affinity_names_are_cut(self):
        self.assertEqual(len(check.affinity_name("n" * 250, CIDR)), 252)

    def test_a_24_has_four_26_blocks_and_ipv6_as_many_addresses(self):
        self.assertEqual(len(check.blocks_of("10.244.1.0/24", 26)), 4)
        sixes = check.blocks_of("fd00:10:244:1::/64", 122)
        self.assertEqual([str(one[0]) for one in sixes], [f"fd00:10:244:1::{last}" for last in ("", "40", "80", "c0")])
        self.assertEqual(len(check.blocks_of("fd00:10:244:1::/64", 116)), 1)


class CalicoCheckTest(unittest.TestCase):
    def test_the_example_of_the_fact_sheet_is_good(self):
        self.assertEqual(FakeCluster().problems(), [])

    def test_a_reservation_is_wanted_where_it_is_expected(self):
        cluster = FakeCluster()
        spec = cluster.things["ipamblocks"][0]["spec"]
        spec["attributes"].append({"handle_id": f"flannel-migration-{NODE}", "secondary": {"node": NODE}})
        spec["allocations"][1] = 1
        spec["unallocated"].remove(1)
        spec["sequenceNumberForAllocation"]["1"] = SEED
        self.assertEqual(cluster.problems(reserved={NODE: {"10.244.1.1"}}), [])
        self.assertIn("reserved are [1]", cluster.problems()[0])

    def test_each_wrong_field_is_seen(self):
        changes = {
            "cidr is": ("ipamblocks", lambda s: s.update(cidr="10.244.1.64/26")),
            "affinity is": ("ipamblocks", lambda s: s.update(affinity="host:other")),
            "affinityClaimTime": ("ipamblocks", lambda s: s.pop("affinityClaimTime")),
            "strictAffinity": ("ipamblocks", lambda s: s.update(strictAffinity=True)),
            "allocations": ("ipamblocks", lambda s: s["allocations"].pop()),
            "unallocated": ("ipamblocks", lambda s: s["unallocated"].append(0)),
            "unallocated does": ("ipamblocks", lambda s: s["unallocated"].pop()),
            "refer to attributes": ("ipamblocks", lambda s: s["attributes"].append({"handle_id": "x"})),
            "not nanoseconds": ("ipamblocks", lambda s: s.update(sequenceNumber=7)),
            "is ahead of": ("ipamblocks", lambda s: s["sequenceNumberForAllocation"].update({"0": SEED + 5})),
            "speaks of": ("ipamblocks", lambda s: s["sequenceNumberForAllocation"].clear()),
            "ordinal 0 belongs": ("ipamblocks", lambda s: s["attributes"][0]["secondary"].update(type="other")),
            "affinity kind-worker": ("blockaffinities", lambda s: s.update(state="pending")),
            "handle vxlan": ("ipamhandles", lambda s: s["block"].update({CIDR: 2})),
        }
        for wanted, (kind, change) in changes.items():
            with self.subTest(wanted):
                cluster = FakeCluster()
                change(cluster.things[kind][0]["spec"])
                self.assertTrue(any(wanted in problem for problem in cluster.problems()), cluster.problems())

    def test_a_missing_and_a_surplus_object_are_seen(self):
        cluster = FakeCluster()
        surplus = copy.deepcopy(cluster.things["ipamblocks"][0])
        surplus["metadata"]["name"] = "10-244-9-0-26"
        cluster.things |= {"ipamblocks": cluster.things["ipamblocks"] + [surplus], "blockaffinities": []}
        self.assertEqual(cluster.problems(), ["node kind-worker: no blockaffinities kind-worker-10-244-1-0-26",
                                              "ipamblocks 10-244-9-0-26: nobody's"])

    def test_a_wrong_label_and_a_wrong_annotation_are_seen(self):
        cluster = FakeCluster()
        del cluster.things["blockaffinities"][0]["metadata"]["labels"]["projectcalico.org/ip-version"]
        cluster.node["metadata"]["annotations"]["projectcalico.org/VXLANTunnelMACAddr"] = "66:00:00:00:00:01"
        self.assertEqual(len(cluster.problems()), 2)


class AuditLogTest(unittest.TestCase):
    def setUp(self):
        self.path = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "audit.log"
        self.log = AuditLog(self.path)

    def finish(self, name, seconds, stage="ResponseComplete"):
        """A request that came so many seconds from now is written down now."""
        received = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
        event = {"verb": "patch", "stage": stage, "requestURI": f"/api/v1/nodes/{name}", "userAgent": "flannel-migration-operator/1",
                 "objectRef": {"resource": "nodes", "name": name},
                 "requestReceivedTimestamp": received.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
        with self.path.open("a") as log:
            print(json.dumps(event), file=log)

    def test_a_mark_hides_what_had_begun_before_it(self):
        self.finish("before", -2)
        self.assertEqual([one.name for one in self.log.writes()], ["before"])
        self.log.mark()
        self.finish("on-its-way", -1)
        self.finish("after", 1)
        self.assertEqual([one.name for one in self.log.writes()], ["after"])

    def test_a_request_counts_when_it_is_finished(self):
        self.finish("long", 0, stage="RequestReceived")
        self.assertEqual(self.log.writes(), [])


if __name__ == "__main__":
    lib.main(needs_cluster=False)
