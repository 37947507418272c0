"""What tests of a migration on real kubelets do and assert: traffic on every path, and nothing left of the other network."""
import collections
import itertools
import json
import unittest

from . import calico_check
from .address_watch import AddressWatch
from .lab import address_of
from .talks import Ping, Talks

FLANNEL_FILES = ("/run/flannel/subnet.env", "/etc/cni/net.d/10-flannel.conflist", "/var/lib/cni/networks/cbr0",
                 "/var/lib/cni/flannel")
BUSY_SECONDS = 60
HOST_PORT = 8087  # of the pods named peer
CALICO_FILES = ("/etc/cni/net.d/10-calico.conflist", "/etc/cni/net.d/calico-kubeconfig", "/var/lib/calico/nodename",
                "/var/lib/calico/mtu")


# `addresses`: of the pods that it needs. `place`: (DaemonSet, node) of one that answers again once its successor is Ready.
Path = collections.namedtuple("Path", "talk nodes addresses place")


class Traffic:
    """`with Traffic(lab) as traffic:` every pair of `peer` pods, every pair of nodes' tunnels, both families, their
    hostPorts, a Service."""

    # Below those that a node takes by itself; enough for eight minutes each.
    _source_ports = itertools.cycle(range(11000, 31000, 10000))

    def __init__(self, lab):
        self._lab = lab
        self.addresses, self.talks = AddressWatch(lab, self._end_talks_of), Talks(lab)
        self._paths = []

    def __enter__(self):
        self.addresses.__enter__()
        peers = {pod["spec"]["nodeName"]: pod for pod in self._lab.wait_pods("app=peer", len(self._lab.names))}
        for version in (4, 6) if self._lab.dual_stack else (4,):
            self._join({node: address_of(pod, version) for node, pod in peers.items()}, version)
        self._use_host_ports({node: address_of(pod) for node, pod in peers.items()})
        self._use_service({node: address_of(pod) for node, pod in peers.items()})
        return self

    def _join(self, peers, version):
        tunnels = {name: one.cidrs[version].split("/")[0] for name, one in calico_check.expectations(self._lab).items()}
        for node, other in itertools.permutations(self._lab.names, 2):
            ends, pods = (node, other), (peers[node], peers[other])
            self._add(self.talks.ping(node, *pods), ends, pods)
            self._add(self.talks.talk("stream", node, *pods, 7), ends, pods)
            self._add(self.talks.ping(node, "", tunnels[other]), ends)

    def _use_host_ports(self, peers):
        """Never twice from one port: for two minutes conntrack leads it to the pod that it found there before."""
        first = next(Traffic._source_ports)
        for node, other in itertools.permutations(self._lab.names, 2):
            talk = self.talks.talk("request", node, "", self._lab.address(other), HOST_PORT, first)
            self._add(talk, (node, other), (peers[other],), ("peer", other))

    def _use_service(self, peers):
        service = self._lab.get("services", "web", "default")["spec"]["clusterIP"]
        for node in self._lab.names:
            # Any node may answer.
            self._add(self.talks.talk("request", node, peers[node], service, 80), self._lab.names, (peers[node],))
            self._add(self.talks.talk("request", node, "", service, 80), self._lab.names)

    def _add(self, talk, nodes, addresses=(), place=None):
        self._paths.append(Path(talk, nodes, addresses, place))

    def _end_talks_of(self, address):
        for path in self._paths:
            if path.talk.source == address:
                path.talk.interrupt()

    def __exit__(self, kind, error, trace):
        self.talks.__exit__(kind, error, trace)
        self.addresses.__exit__(kind, error, trace)

    def results(self, off=()):
        """Of each talk: itself, how many were asked while both its ends were there, and times of those without an answer.
        `off`: when nodes lost their power. TCP that touches one of them is left out, as it ended without a word."""
        off, results = dict(off), []
        for path in self._paths:
            ends = [off[node] for node in path.nodes if node in off]
            if isinstance(path.talk, Ping) or not ends:
                results.append((path.talk, *self._lost(path, ends)))
        return results

    def losses(self):
        """(talk, the nodes at its ends, times of what had no answer) of those that lost something."""
        lost = [(path.talk, path.nodes, self._lost(path)[1]) for path in self._paths]
        return [one for one in lost if one[2]]

    def _lost(self, path, ends=()):
        end = self.addresses.end_of(*path.addresses)
        until = min([*ends, *([end] if end else [])], default=None)
        return path.talk.lost(until, self.addresses.back.get(path.place)) if path.place else path.talk.lost(until)

    def report(self, off=()):
        lines = []
        for kind, name in ((True, "pings"), (False, "TCP")):
            of_kind = [result for result in self.results(off) if isinstance(result[0], Ping) == kind]
            slowest = "" if kind else f", the slowest answer after {max((one.slowest for one, _, _ in of_kind), default=0):.1f} s"
            lines.append(f"{name}: {sum(sent for _, sent, _ in of_kind)} sent on {len(of_kind)} paths, "
                         f"{sum(len(lost) for _, _, lost in of_kind)} lost{slowest}")
        absences = [f"{node} {seconds:.1f} s" for (_, node), seconds in sorted(self.addresses.absent.items())]
        return "\n".join(lines + [f"replaced DaemonSet pods were absent: {', '.join(absences) or 'none was replaced'}"])


class LabCase(unittest.TestCase):
    def assert_nothing_lost(self, traffic, off=()):
        print(f"\n{traffic.report(off)}", flush=True)
        problems = [f"{talk.name}: {len(lost)} of {sent}, the first at {lost[0]:.2f}, the last at {lost[-1]:.2f}"
                    for talk, sent, lost in traffic.results(off) if lost]
        self.assertEqual(problems, [])

    def assert_short_absences(self, traffic):
        """Of DaemonSet pods that were replaced. Two seconds is what is aimed at; a busy machine gets more."""
        absent = traffic.addresses.absent
        print(f"absent for longer than 2 s: {sum(seconds > 2 for seconds in absent.values())} of {len(absent)}", flush=True)
        self.assertLess(max(absent.values()), BUSY_SECONDS)

    def assert_pods_hang_on(self, lab, prefix):
        """Every pod of the pod network is reached through an interface of this kind: `cali`, or `cni0`."""
        for pod in lab.wait_all_ready():
            node = pod["spec"]["nodeName"]
            route = json.loads(lab.enter(node, "ip", "-json", "route", "get", address_of(pod)))[0]
            self.assertTrue(route["dev"].startswith(prefix), f"{pod['metadata']['name']} on {node}: {route}")

    def assert_host_ports_lead_to_pods(self, lab):
        """To those that are there now, and not to the ones before them."""
        for pod, peer in itertools.permutations(lab.wait_pods("app=peer", len(lab.names)), 2):
            self.assertIn(peer["metadata"]["name"], lab.fetch(pod, lab.address(peer["spec"]["nodeName"]), HOST_PORT))

    def assert_no_links(self, lab, *prefixes):
        for node in lab.names:
            links = [link["ifname"] for link in json.loads(lab.enter(node, "ip", "-json", "link"))]
            self.assertEqual([name for name in links if name.startswith(prefixes)], [], node)

    def assert_no_files(self, lab, files):
        for node in lab.names:
            found = lab.enter(node, "sh", "-c", 'for f; do [ ! -e "$f" ] || echo "$f"; done', "_", *files)
            self.assertEqual(found.split(), [], node)

    def assert_no_rules(self, lab, *words):
        for node in lab.names:
            rules = lab.enter(node, "sh", "-c", "iptables-nft-save; ip6tables-nft-save; iptables-legacy-save; ip6tables-legacy-save")
            self.assertEqual([line for line in rules.splitlines() if any(word in line for word in words)], [], node)

    def assert_no_sets(self, lab, *words):
        for node in lab.names:
            sets = lab.enter(node, "ipset", "list", "-name")
            self.assertEqual([name for name in sets.split() if any(word in name for word in words)], [], node)

    def assert_no_routes(self, lab, *words):
        for node in lab.names:
            routes = lab.enter(node, "sh", "-c", "ip route; ip -6 route")
            self.assertEqual([line for line in routes.splitlines() if any(word in line for word in words)], [], node)

    def assert_no_complaint(self, lab, app="calico-node"):
        said = lab.kubectl("-n", "kube-system", "logs", "-l", f"k8s-app={app}", "--all-containers", "--tail=-1")
        self.assertEqual([line for line in said.splitlines() if "COMPLAINT" in line], [])
