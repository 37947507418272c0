"""What Felix looks for when it starts: HandOver has laid a route to each block of each peer, so that none is missing while flannel's go."""
import ipaddress
import time

import lib
from lib import NodeTest

BLOCKS = ("10.244.2.0/26", "10.244.2.64/26", "10.244.2.128/26", "10.244.2.192/26")
BLOCKS6 = tuple(f"fd00:10:244:2::{start}/122" for start in ("", "40", "80", "c0"))


def felixs_route(block, vtep, device, protocol="boot"):
    """As `ip -d -j route` shows one that Felix v3.27 has laid; v3.32's has the device's MTU beside."""
    route = {"type": "unicast", "dst": block, "gateway": vtep, "dev": device, "protocol": protocol, "scope": "global", "flags": ["onlink"]}
    return route if "." in block else route | {"metric": 1024, "pref": "medium"}


class PeerRoutesTest(NodeTest):
    options = {"nodes": 3}

    def on_device(self, device="vxlan.calico", family="-4"):
        """{destination: route} of what leads through the device to a peer."""
        return {route["dst"]: route for route in self.node.routes(family) if route.get("dev") == device and "gateway" in route}

    def hand_over(self, *more):
        return self.succeed(self.node.agent("handover", *more))

    def assert_blocks(self, blocks, vtep, device="vxlan.calico", protocol="boot"):
        laid = self.on_device(device, "-4" if "." in vtep else "-6")
        for block in blocks:
            self.assertEqual(laid.get(block), felixs_route(block, vtep, device, protocol))

    def start_felix(self, blocks=BLOCKS, protocol="boot", extra=""):
        """Felix deletes what it does not want, then adds or changes what is missing; here it takes its time between the two."""
        wanted = {}
        for peer in self.node.network.peers_of(self.node):
            for block in blocks:
                dst = block.replace("244.2.", f"244.{peer.number}.").replace("244:2:", f"244:{peer.number}:")
                wanted[dst] = (peer.vtep, "vxlan.calico") if "." in dst else (peer.vtep6, "vxlan-v6.calico")
        present = self.on_device() | self.on_device("vxlan-v6.calico", "-6")
        self.node.ns.batch(*(f"route del {dst} dev {route['dev']}" for dst, route in present.items() if dst not in wanted))
        time.sleep(0.5)
        present = self.on_device() | self.on_device("vxlan-v6.calico", "-6")
        self.node.ns.batch(*(f"route replace {dst} via {vtep} dev {device} onlink proto {protocol} {extra}"
                             for dst, (vtep, device) in wanted.items()))
        return [dst for dst, way in wanted.items() if present.get(dst) != felixs_route(dst, *way, protocol)]

    def test_each_block_of_each_peer_has_the_route_that_felix_lays(self):
        flannels = self.on_device("flannel.1")
        self.hand_over()
        for peer in (2, 3):
            self.assert_blocks([block.replace(".2.", f".{peer}.") for block in BLOCKS], f"10.244.{peer}.0")
        self.assertEqual(len(self.on_device()), 2 * (4 + 1), "and flannel's own, which still lead to what is claimed meanwhile")
        for dst, route in flannels.items():
            self.assertEqual(self.on_device()[dst], route | {"dev": "vxlan.calico"})

    def test_no_ping_is_lost_when_felix_starts_and_it_finds_nothing_to_add(self):
        near = self.node.add_pod(7)
        far = [peer.add_pod(9) for peer in self.node.network.peers_of(self.node)]
        self.hand_over()
        pings = [self.ping(near, "10.244.2.9"), self.ping(near, "10.244.3.9"), *(self.ping(pod, "10.244.1.7") for pod in far)]
        self.assertEqual(self.start_felix(), [])
        self.assert_no_loss(*pings)

    def test_v3_32_adds_the_mtu_in_place(self):
        near, _ = self.node.add_pod(7), self.peer.add_pod(9)
        self.hand_over()
        ping = self.ping(near, "10.244.2.9")
        self.start_felix(extra="mtu 1450")
        self.assert_no_loss(ping)
        self.assertEqual(sorted(self.on_device()), sorted(block.replace(".2.", f".{peer}.") for peer in (2, 3) for block in BLOCKS))
        self.assertEqual(self.on_device()[BLOCKS[0]]["metrics"], [{"mtu": 1450}])

    def test_a_device_that_had_to_be_down_for_its_name_gets_them_too(self):
        self.hand_over("--rename", "down")
        self.assert_blocks(BLOCKS, "10.244.2.0")
        self.assertEqual(self.start_felix(), [])

    def test_felixs_protocol_is_the_one_that_it_is_told(self):
        self.hand_over("--route-protocol", "80")
        self.assert_blocks(BLOCKS, "10.244.2.0", protocol="80")
        self.assertEqual(self.start_felix(protocol="80"), [])

    def test_blocks_of_another_size(self):
        self.hand_over("--block-size", "28")
        blocks = [str(one) for one in ipaddress.ip_network("10.244.2.0/24").subnets(new_prefix=28)]
        self.assert_blocks(blocks, "10.244.2.0")
        self.assertEqual(self.start_felix(blocks), [])

    def test_where_a_pod_cidr_is_one_block_flannels_route_is_felixs(self):
        self.hand_over("--block-size", "24", "--route-protocol", "80")
        self.assertEqual(list(self.on_device()), ["10.244.2.0/24", "10.244.3.0/24"])
        self.assert_blocks(["10.244.2.0/24"], "10.244.2.0", protocol="80")

    def test_the_operator_tells_blocks_elsewhere(self):
        self.hand_over("--peer-block", "10.244.77.64/26=10.244.2.0", "--peer-block", "10.244.3.64/26=10.244.2.0")
        self.assert_blocks(("10.244.77.64/26", "10.244.3.64/26"), "10.244.2.0")

    def test_a_killed_run_is_finished_by_the_next(self):
        for changes in range(1, 7):
            self.node.agent("handover", "--kill-after", str(changes))
            self.hand_over()
            self.assert_blocks(BLOCKS, "10.244.2.0")
            self.succeed(self.node.agent("handback"))

    def test_rolling_back_takes_them_away(self):
        before = self.node.state()[1]
        self.hand_over("--peer-block", "10.244.77.64/26=10.244.2.0")
        self.assertEqual(len(self.on_device()), 11)
        self.succeed(self.node.agent("handover", "--undo"))
        self.assertEqual(self.node.state()[1], before)

    def test_after_the_clean_of_a_revert_none_is_left(self):
        near, _ = self.node.add_pod(7), self.peer.add_pod(9)
        before = self.node.state()[1]
        self.hand_over()
        self.start_felix()
        ping = self.ping(near, "10.244.2.9")
        self.succeed(self.node.agent("handback"))
        for peer in self.node.network.peers_of(self.node):
            self.node.lay_peer(peer)  # flanneld, which starts behind it
        self.succeed(self.node.agent("clean", "--network", "calico"))
        self.assert_no_loss(ping)
        self.assertEqual(self.node.state()[1], before)


class OtherSettingsTest(PeerRoutesTest):
    """The same with two families, and another VNI, port and MTU."""

    options = {"nodes": 3, "dual": True, "vni": 4096, "port": 4789, "mtu": 1400}

    def on_device(self, device="vxlan.calico", family="-4"):
        return super().on_device(device.replace("flannel.1", "flannel.4096"), family)

    def test_ipv6_blocks_have_theirs_and_the_next_one_that_may_be_claimed(self):
        self.hand_over("--peer-block", "fd00:10:244:2::ff40/122=fd00:10:244:2::")
        self.assert_blocks((*BLOCKS6, "fd00:10:244:2::100/122", "fd00:10:244:2::ff40/122"), "fd00:10:244:2::", "vxlan-v6.calico")
        self.assertEqual(self.start_felix(BLOCKS + BLOCKS6 + ("fd00:10:244:2::100/122",)), [])

    def test_no_ping_is_lost_in_either_family(self):
        near, _ = self.node.add_pod(7), self.peer.add_pod(9)
        self.hand_over()
        pings = [self.ping(near, "10.244.2.9"), self.ping(near, "fd00:10:244:2::9")]
        self.start_felix(BLOCKS + BLOCKS6)
        self.assert_no_loss(*pings)


if __name__ == "__main__":
    lib.main()
