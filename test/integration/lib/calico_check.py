"""Are the stored objects what Calico itself would have written? Every node, field by field.

    before = calico_check.expectations(c)      # while flannel still runs
    ... migrate ...
    calico_check.check_cluster(c, before)
"""
import base64
import collections
import hashlib
import ipaddress
import json
import re

LABELS = "projectcalico.org/"
RESERVATION = "flannel-migration-"  # + node: live addresses of the old bridge, until Clean
DEFAULT_PREFIX = "flannel.alpha.coreos.com"
RFC3339 = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")

Expected = collections.namedtuple("Expected", "cidrs public_ips macs")  # each by IP version


# --- names and values ---

def cidr_name(cidr):
    return re.sub(r"[.:/]", "-", str(ipaddress.ip_network(cidr)))


def affinity_name(node, cidr):
    name = cidr_name(cidr)
    if len(f"{node}-{name}") < 253:
        return f"{node}-{name}"
    digest = hashlib.sha256(f"{node}+{cidr}".encode()).hexdigest()[:11]
    return f"{node[:252 - len(name) - 13]}-{name}-{digest}"


def hostname_hash(node):
    return base64.b32encode(hashlib.sha3_256(node.encode()).digest()).decode().rstrip("=")


def tunnel_handle(node, version):
    return f"{'vxlan-v6' if version == 6 else 'vxlan'}-tunnel-addr-{node}"


def blocks_of(cidr, block_size):
    """IPv4: all blocks of the pod CIDR. IPv6: the first ones, of 256 addresses, as no node can claim them all."""
    network = ipaddress.ip_network(cidr)
    if network.version == 6:
        count, step = max(1, 256 >> (128 - block_size)), 1 << (128 - block_size)
        return [ipaddress.ip_network((network[index * step], block_size)) for index in range(count)]
    return list(network.subnets(new_prefix=max(block_size, network.prefixlen)))


# --- what is wanted ---

def expectations(cluster, prefix=DEFAULT_PREFIX):
    """Of every node, from its pod CIDRs and flannel's annotations. To be taken while these are still there."""
    return {name: expected_node(node, prefix) for name, node in cluster.nodes().items()}


def expected_node(node, prefix=DEFAULT_PREFIX):
    notes = node["metadata"].get("annotations", {})
    cidrs = {ipaddress.ip_network(cidr).version: cidr for cidr in node["spec"].get("podCIDRs", [])}
    macs, public_ips = {}, {}
    for version, data, address in ((4, "backend-data", "public-ip"), (6, "backend-v6-data", "public-ipv6")):
        if version in cidrs and f"{prefix}/{data}" in notes:
            macs[version] = json.loads(notes[f"{prefix}/{data}"])["VtepMAC"].lower()
            public_ips[version] = notes[f"{prefix}/{address}"]
    return Expected(cidrs, public_ips, macs)


def expected_annotations(expected):
    keys = {4: ("IPv4Address", "IPv4VXLANTunnelAddr", "VXLANTunnelMACAddr"),
            6: ("IPv6Address", "IPv6VXLANTunnelAddr", "VXLANTunnelMACAddrV6")}
    wanted = {}
    for version, mac in expected.macs.items():
        vtep = str(ipaddress.ip_network(expected.cidrs[version]).network_address)
        values = (expected.public_ips[version], vtep, mac)
        wanted |= {LABELS + key: value for key, value in zip(keys[version], values)}
    return wanted


# --- the checks: each answers a list of sentences, empty when all is well ---

def check_annotations(name, node, expected):
    notes = node["metadata"].get("annotations", {})
    problems = []
    for key, value in expected_annotations(expected).items():
        found = notes.get(key)
        # The outer address may carry a prefix length: calico-node writes the interface's.
        if (found or "").split("/")[0] != value:
            problems.append(f"node {name}: annotation {key} is {found}, not {value}")
    return problems


def owner_attributes(node, version):
    return {"handle_id": tunnel_handle(node, version),
            "secondary": {"node": node, "type": "vxlanV6TunnelAddress" if version == 6 else "vxlanTunnelAddress"}}


def check_counts(where, spec, size):
    """The rules of pkg/calico/README.md, Blocks."""
    allocations, unallocated = spec["allocations"], spec["unallocated"]
    problems = []
    if len(allocations) != size:
        return [f"{where}: {len(allocations)} allocations, not {size}"]
    free = {ordinal for ordinal, owner in enumerate(allocations) if owner is None}
    taken = set(range(size)) - free
    if len(unallocated) != len(set(unallocated)) or set(unallocated) != free:
        problems.append(f"{where}: unallocated does not list exactly the free ordinals")
    used = {owner for owner in allocations if owner is not None}
    if used != set(range(len(spec["attributes"]))):
        problems.append(f"{where}: allocations refer to attributes {sorted(used)} of {len(spec['attributes'])}")
    if len({json.dumps(one, sort_keys=True) for one in spec["attributes"]}) != len(spec["attributes"]):
        problems.append(f"{where}: equal attributes are not shared")
    return problems + check_sequence(where, spec, taken)


def check_sequence(where, spec, taken):
    sequence, by_ordinal = spec["sequenceNumber"], spec.get("sequenceNumberForAllocation", {})
    problems = []
    # Seeded with nanoseconds since 1970; a number that went through a double would end in zeros only.
    if not isinstance(sequence, int) or sequence < 1_600_000_000_000_000_000:
        problems.append(f"{where}: sequenceNumber {sequence} is not nanoseconds")
    if {int(ordinal) for ordinal in by_ordinal} != taken:
        problems.append(f"{where}: sequenceNumberForAllocation speaks of {sorted(by_ordinal)}, allocated are {sorted(taken)}")
    if any(value > sequence for value in by_ordinal.values()):
        problems.append(f"{where}: sequenceNumberForAllocation is ahead of sequenceNumber")
    return problems


def held_by(spec, handle):
    """Ordinals of a block that a handle holds."""
    mine = {index for index, one in enumerate(spec["attributes"]) if one["handle_id"] == handle}
    return {ordinal for ordinal, owner in enumerate(spec["allocations"]) if owner in mine}


def check_block(name, block, cidr, holds_vtep, reserved):
    """`reserved`: ordinals that must be held for live pods of the old bridge."""
    where, spec = f"block {cidr}", block["spec"]
    required = {"cidr": str(cidr), "affinity": f"host:{name}", "deleted": False, "strictAffinity": False}
    problems = [f"{where}: {key} is {spec.get(key)!r}, not {value!r}"
                for key, value in required.items() if spec.get(key) != value]
    if not RFC3339.match(spec.get("affinityClaimTime", "")):
        problems.append(f"{where}: affinityClaimTime is {spec.get('affinityClaimTime')!r}")
    if set(block["metadata"]) & {"labels", "ownerReferences", "finalizers"}:
        problems.append(f"{where}: has labels, owners or finalizers")
    problems += check_counts(where, spec, cidr.num_addresses)
    tunnel = held_by(spec, tunnel_handle(name, cidr.version))
    if tunnel != ({0} if holds_vtep else set()):
        problems.append(f"{where}: the tunnel handle holds {sorted(tunnel)}")
    if holds_vtep and spec["attributes"][spec["allocations"][0]] != owner_attributes(name, cidr.version):
        problems.append(f"{where}: ordinal 0 belongs to {spec['attributes'][spec['allocations'][0]]}")
    if held_by(spec, RESERVATION + name) != reserved:
        problems.append(f"{where}: reserved are {sorted(held_by(spec, RESERVATION + name))}, not {sorted(reserved)}")
    return problems


def check_affinity(name, affinity, cidr):
    where = f"affinity {affinity['metadata']['name']}"
    labels = {LABELS + "affinity-type": "host", LABELS + "hostname-hash": hostname_hash(name),
              LABELS + "ip-version": str(cidr.version)}
    spec = {"cidr": str(cidr), "deleted": "false", "node": name, "state": "confirmed", "type": "host"}
    problems = []
    if affinity["metadata"].get("labels") != labels:
        problems.append(f"{where}: labels {affinity['metadata'].get('labels')}")
    if affinity["spec"] != spec:
        problems.append(f"{where}: spec {affinity['spec']}")
    return problems


def check_handle(name, handle, cidr):
    wanted = {"handleID": tunnel_handle(name, cidr.version), "block": {str(cidr): 1}, "deleted": False}
    found = {"deleted": False} | handle["spec"]
    return [] if found == wanted else [f"handle {handle['metadata']['name']}: spec {handle['spec']}"]


class Stored:
    """The IPAM objects of a cluster, by name; `unseen` shrinks as they are accounted for."""

    KINDS = ("ipamblocks", "blockaffinities", "ipamhandles")

    def __init__(self, cluster):
        self.by_kind = {kind: {thing["metadata"]["name"]: thing for thing in cluster.list(kind)} for kind in self.KINDS}
        self.unseen = {(kind, name) for kind, things in self.by_kind.items() for name in things}

    def further_blocks(self, pod_cidr):
        """Of an IPv6 pod CIDR, those that nothing has asked for yet: pods that live far up have blocks there."""
        network = ipaddress.ip_network(pod_cidr)
        cidrs = [ipaddress.ip_network(block["spec"]["cidr"]) for name, block in self.by_kind["ipamblocks"].items()
                 if ("ipamblocks", name) in self.unseen]
        return [cidr for cidr in cidrs if network.version == cidr.version == 6 and cidr.subnet_of(network)]

    def take(self, kind, name):
        self.unseen.discard((kind, name))
        return self.by_kind[kind].get(name)


def check_node_ipam(name, expected, stored, sizes, reserved):
    """`sizes`: block size by IP version. `reserved`: set of addresses, as text."""
    problems = []
    addresses = {ipaddress.ip_address(address) for address in reserved}
    for version, pod_cidr in expected.cidrs.items():
        for index, cidr in enumerate(blocks_of(pod_cidr, sizes[version])):
            ordinals = {int(address) - int(cidr.network_address) for address in addresses if address in cidr}
            problems += check_one(name, stored, cidr, index == 0, ordinals)
        for cidr in stored.further_blocks(pod_cidr):
            ordinals = {int(address) - int(cidr.network_address) for address in addresses if address in cidr}
            problems += check_one(name, stored, cidr, False, ordinals)
    return problems


def check_one(name, stored, cidr, holds_vtep, reserved):
    """A block with its affinity and, where the tunnel address is in it, the handle."""
    wanted = [("ipamblocks", cidr_name(cidr), lambda thing: check_block(name, thing, cidr, holds_vtep, reserved)),
              ("blockaffinities", affinity_name(name, cidr), lambda thing: check_affinity(name, thing, cidr))]
    if holds_vtep:
        wanted.append(("ipamhandles", tunnel_handle(name, cidr.version).lower(),
                       lambda thing: check_handle(name, thing, cidr)))
    problems = []
    for kind, key, check in wanted:
        thing = stored.take(kind, key)
        problems += check(thing) if thing else [f"node {name}: no {kind} {key}"]
    return problems


def find_problems(cluster, expected=None, block_size=26, ipv6_block_size=122, reserved=None, others=()):
    """All that is wrong, as sentences.

    expected   of expectations(); from the nodes' present annotations when left out
    reserved   addresses that must be reserved, by node; on all other nodes none may be
    others     (kind, name) of IPAM objects that belong to somebody else
    """
    nodes = cluster.nodes()
    expected = expected or {name: expected_node(node) for name, node in nodes.items()}
    stored, sizes = Stored(cluster), {4: block_size, 6: ipv6_block_size}
    problems = []
    for name, want in expected.items():
        problems += check_annotations(name, nodes[name], want)
        problems += check_node_ipam(name, want, stored, sizes, (reserved or {}).get(name, ()))
    kept = {("ipamhandles", (RESERVATION + name).lower()) for name in reserved or {}}
    return problems + [f"{kind} {name}: nobody's" for kind, name in sorted(stored.unseen - kept - set(others))]


def check_cluster(cluster, expected=None, **options):
    problems = find_problems(cluster, expected, **options)
    assert not problems, f"{len(problems)} problems:\n" + "\n".join(problems[:50])


def check_pool(cluster, name, network, block_size=26, nat=True):
    pool = cluster.get("ippools", name)["spec"]
    wanted = {"cidr": network, "blockSize": block_size, "vxlanMode": "Always", "ipipMode": "Never"}
    found = {key: pool.get(key) for key in wanted}
    assert found == wanted and pool.get("natOutgoing", False) == nat and not pool.get("disabled"), f"IPPool {name}: {pool}"
    assert pool.get("nodeSelector", "all()") == "all()", f"IPPool {name}: {pool}"


def check_felix(cluster, vni=1, port=8472, mtu=1450):
    spec = cluster.get("felixconfigurations", "default")["spec"]
    wanted = {"vxlanVNI": vni, "vxlanPort": port, "vxlanMTU": mtu}
    assert {key: spec.get(key) for key in wanted} == wanted, f"FelixConfiguration default: {spec}"
    assert "vxlanEnabled" not in spec, "FelixConfiguration default: vxlanEnabled must be left to the pools"
