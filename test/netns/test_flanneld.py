"""The state that a real flanneld makes: handed over, cleaned, and handed back to it. Its subnets are kept in a real etcd."""
import base64
import glob
import json
import subprocess
import time

import lib
from lib import NodeTest, filters, program


FLANNELD, ETCD = program.built("flanneld"), program.built("etcd")
STORE = "172.30.0.254"


class FlanneldTest(NodeTest):
    options = {"bare": True}
    backend = {"Type": "vxlan", "VNI": 1, "Port": 8472}
    nftables = False

    def setUp(self):
        super().setUp()
        self.processes = {}
        self.addCleanup(self.end_all)
        wire = self.network.wire
        wire.batch(f"addr add {STORE}/24 dev br0")
        self.start(wire, "etcd", ETCD, "--data-dir", f"{self.network.folder}/etcd", "--unsafe-no-fsync", "--listen-client-urls",
                   f"http://{STORE}:2379", "--advertise-client-urls", f"http://{STORE}:2379", "--listen-peer-urls", f"http://{STORE}:2380")
        v6 = {"EnableIPv6": True, "IPv6Network": "fd00:10:244::/48"} if self.network.dual else {}
        self.put("/coreos.com/network/config",
                 {"Network": "10.244.0.0/16", "EnableNFTables": self.nftables, "Backend": self.backend, **v6})
        for node in self.network.nodes:
            self.start_flanneld(node)
        for node in self.network.nodes:
            self.wait(lambda: len(node.fdb()) == (2 if self.network.dual else 1), f"flanneld on {node.name}")
            node.mac = node.ns.link(node.device)["address"]
            node.ns.batch("link add cni0 type bridge", "link set cni0 up", f"addr add {node.gateway}/24 dev cni0")
            if self.network.dual:
                node.mac6 = node.ns.link(node.device6)["address"]
                node.ns.batch(f"addr add {node.gateway6}/64 dev cni0 nodad")
        self.near, self.far = self.node.add_pod(7), self.peer.add_pod(9)

    def start(self, namespace, name, *command):
        log = open(f"{self.network.folder}/{name}.log", "a")
        self.addCleanup(log.close)
        self.processes[name] = subprocess.Popen(["ip", "netns", "exec", namespace.name, *command], stdout=log, stderr=log)

    def start_flanneld(self, node):
        self.start(node.ns, node.name, FLANNELD, f"--etcd-endpoints=http://{STORE}:2379", "--iface=eth0", "--ip-masq",
                   f"--subnet-file={node.files.path('run/flannel/subnet.env')}")

    def end(self, name):
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def end_all(self):
        for name in list(self.processes):
            self.end(name)

    def put(self, key, value):
        def code(text):
            return base64.b64encode(text.encode()).decode()
        body = json.dumps({"key": code(key), "value": code(json.dumps(value))})
        put = ("curl", "-s", "-f", "-X", "POST", "-d", body, f"http://{STORE}:2379/v3/kv/put")
        self.wait(lambda: "header" in self.network.wire.run(*put, check=False), "etcd")

    def wait(self, what, name, seconds=30):
        deadline = time.monotonic() + seconds
        while not what():
            if time.monotonic() > deadline:
                logs = "".join(open(path).read()[-2000:] for path in glob.glob(f"{self.network.folder}/*.log"))
                self.fail(f"{name}: not within {seconds} s\n{logs}")
            time.sleep(0.05)

    def devices(self):
        return {name: (link["ifindex"], link["address"]) for name in self.node.ns.names() if name.startswith("flannel")
                for link in [self.node.ns.link(name)]}

    def test_it_adopts_the_device_that_comes_back_and_nothing_is_lost(self):
        before = self.devices()
        self.end("n1")
        pings = [self.ping(self.near, "10.244.2.9", count=400), self.ping(self.far, "10.244.1.7", count=400)]
        if self.network.dual:
            pings.append(self.ping(self.far, "fd00:10:244:1::7", count=400))
        self.succeed(self.node.agent("handover"))
        self.node.lay_felix()
        self.succeed(self.node.agent("verify", "--network", "calico", *self.node.peer_arguments()))
        self.succeed(self.node.agent("handback"))
        self.start_flanneld(self.node)
        self.wait(lambda: any(route["dst"] == "10.244.2.0/24" for route in self.node.routes()), "flanneld's route")
        self.assert_no_loss(*pings)
        self.assertEqual(self.devices(), before, "the same devices, by index and MAC")
        self.succeed(self.node.agent("clean", "--network", "calico"))
        self.assertEqual([route for route in self.node.routes() if route.get("protocol") == "80"], [])
        self.assert_reaches(self.near, "10.244.2.9")

    def test_nothing_that_it_made_is_left_after_the_cleaning(self):
        self.assertNotEqual(filters.rules(self.node.ns), [])
        self.end("n1")
        self.succeed(self.node.agent("handover"))
        self.node.lay_felix()
        self.node.ns.batch("link del veth7")
        self.succeed(self.node.agent("clean", "--network", "flannel"))
        self.assertEqual(filters.rules(self.node.ns), [])
        self.assertEqual({name for name in self.node.ns.names() if not name.startswith("vxlan")}, {"lo", "eth0"})
        self.succeed(self.node.agent("finalize"))
        self.assertEqual(self.node.files.list("run/flannel"), [])

    def test_while_it_lives_and_makes_its_devices_anew_a_cut_goes_on(self):
        running = self.node.start("cutover")
        time.sleep(1)
        self.end("n1")
        self.succeed(program.finish(running))
        self.assertEqual(self.devices(), {})
        self.assertNotIn("cni0", self.node.ns.names())


class DualStackTest(FlanneldTest):
    options = {"bare": True, "dual": True}


class NftablesTest(FlanneldTest):
    """The same with flannel's nftables mode, another VNI and port."""

    options = {"bare": True, "vni": 5, "port": 4789}
    backend = {"Type": "vxlan", "VNI": 5, "Port": 4789}
    nftables = True


if __name__ == "__main__":
    lib.main(FM_FLANNELD=FLANNELD, FM_ETCD=ETCD)
