"""Calico's objects for nodes that flannel runs on, written from the fact sheet and not by the operator: what a correct
operator would leave. For tests of what reads them."""
import datetime
import ipaddress
import time

from . import calico_check as check

CRD = "crd.projectcalico.org/v1"


def thing(kind, name, spec, **meta):
    return {"apiVersion": CRD, "kind": kind, "metadata": {"name": name} | meta, "spec": spec}


def write_settings(cluster, network, mtu=1450):
    """Pool, Felix and the MTU of pods."""
    cluster.api.create("ippools", thing("IPPool", "default-ipv4-ippool", {
        "cidr": network, "blockSize": 26, "vxlanMode": "Always", "ipipMode": "Never", "natOutgoing": True,
        "nodeSelector": "all()", "allowedUses": ["Workload", "Tunnel"], "assignmentMode": "Automatic"}))
    cluster.api.create("felixconfigurations", thing("FelixConfiguration", "default", {
        "vxlanVNI": 1, "vxlanPort": 8472, "vxlanMTU": mtu}))
    cluster.api.create("ipamconfigs", thing("IPAMConfig", "default", {"strictAffinity": True, "autoAllocateBlocks": False}))
    cluster.patch("configmaps", "calico-config", {"data": {"veth_mtu": str(mtu)}}, namespace="kube-system")


def block(node, cidr, held):
    """`held`: attributes by address."""
    seed = time.time_ns()
    ordinals = {int(ipaddress.ip_address(address)) - int(cidr.network_address): attribute
                for address, attribute in held.items() if ipaddress.ip_address(address) in cidr}
    attributes = []
    allocations = [None] * cidr.num_addresses
    for ordinal, attribute in ordinals.items():
        if attribute not in attributes:
            attributes.append(attribute)
        allocations[ordinal] = attributes.index(attribute)
    return thing("IPAMBlock", check.cidr_name(cidr), {
        "cidr": str(cidr), "affinity": f"host:{node}", "allocations": allocations, "attributes": attributes,
        "affinityClaimTime": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "unallocated": [ordinal for ordinal, owner in enumerate(allocations) if owner is None],
        "sequenceNumber": seed + 1, "sequenceNumberForAllocation": {str(ordinal): seed for ordinal in ordinals},
        "deleted": False, "strictAffinity": False})


def allocate(cluster, cidr, ordinal, attribute):
    """One address of a block that is there, and the handle that it is for."""
    stored = cluster.get("ipamblocks", check.cidr_name(cidr))
    spec, handle = stored["spec"], attribute["handle_id"]
    spec["allocations"][ordinal] = len(spec["attributes"])
    spec["attributes"].append(attribute)
    spec["unallocated"].remove(ordinal)
    spec["sequenceNumberForAllocation"] = spec.get("sequenceNumberForAllocation", {}) | {str(ordinal): spec["sequenceNumber"]}
    spec["sequenceNumber"] += 1
    cluster.api.create("ipamhandles", thing("IPAMHandle", handle, {"handleID": handle, "block": {str(cidr): 1}, "deleted": False}))
    cluster.api.replace("ipamblocks", stored)


def affinity(node, cidr):
    labels = {check.LABELS + "affinity-type": "host", check.LABELS + "hostname-hash": check.hostname_hash(node),
              check.LABELS + "ip-version": str(cidr.version)}
    spec = {"cidr": str(cidr), "deleted": "false", "node": node, "state": "confirmed", "type": "host"}
    return thing("BlockAffinity", check.affinity_name(node, cidr), spec, labels=labels)


def write_node(cluster, node, expected, live=()):
    """Blocks with the tunnel's address and the live ones, and the annotations. `expected` is of calico_check."""
    network = ipaddress.ip_network(expected.cidrs[4])
    reservation = {"handle_id": check.RESERVATION + node, "secondary": {"node": node}}
    held = {str(network.network_address): check.owner_attributes(node, 4)} | {address: reservation for address in live}
    for cidr in check.blocks_of(expected.cidrs[4], 26):
        cluster.api.create("ipamblocks", block(node, cidr, held))
        cluster.api.create("blockaffinities", affinity(node, cidr))
    handle = check.tunnel_handle(node, 4)
    first = str(next(iter(check.blocks_of(expected.cidrs[4], 26))))
    cluster.api.create("ipamhandles", thing("IPAMHandle", handle, {"handleID": handle, "block": {first: 1}, "deleted": False}))
    cluster.patch("nodes", node, {"metadata": {"annotations": check.expected_annotations(expected)}})
