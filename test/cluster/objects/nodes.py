"""Nodes as kubeadm joins them and as flannel annotates them. Everything follows from a node's index, so that two runs
make the same cluster."""
import ipaddress
import json

PREFIX = "flannel.alpha.coreos.com"


def wide_enough(nodes):
    """A pod network with a /24 for each node: kubeadm's usual one while it suffices."""
    return "10.244.0.0/16" if nodes <= 256 else "10.64.0.0/10"


def subnet(network, length, index):
    net = ipaddress.ip_network(network)
    first = int(net.network_address) + (index << (net.max_prefixlen - length))
    address = ipaddress.ip_address(first)
    if address not in net:
        raise SystemExit(f"{network} has no /{length} for node {index}")
    return f"{address}/{length}"


def mac(index, family):
    """Locally administered and unicast, as flannel's are."""
    return ":".join(f"{byte:02x}" for byte in [0x56 if family == 4 else 0x5a, 0x1d, *index.to_bytes(4, "big")])


def public_ip(index):
    return str(ipaddress.ip_address("172.18.0.0") + 2 + index)


def public_ipv6(index):
    return str(ipaddress.ip_address("fd00:172:18::") + 2 + index)


def pod_cidrs(index, options):
    cidrs = [subnet(options.network, options.subnet_length, index)]
    if options.dual_stack:
        cidrs.append(subnet(options.ipv6_network, options.ipv6_subnet_length, index))
    return cidrs


def addresses(name, index, options):
    found = [public_ip(index)] + ([public_ipv6(index)] if options.dual_stack else [])
    return [{"type": "InternalIP", "address": address} for address in found] + [{"type": "Hostname", "address": name}]


def backend_data(index, family, options):
    if options.backend != "vxlan":
        return "null"
    return json.dumps({"VNI": options.vni, "VtepMAC": mac(index, family)}, separators=(",", ":"))


def flannel_annotations(index, options):
    prefix = options.annotation_prefix
    prefix += "/" if "/" not in prefix else "" if prefix.endswith(("/", "-")) else "-"
    annotations = {
        "kube-subnet-manager": "true",
        "backend-type": options.backend,
        "backend-data": backend_data(index, 4, options),
        "public-ip": public_ip(index),
    }
    if options.dual_stack:
        annotations |= {"backend-v6-data": backend_data(index, 6, options), "public-ipv6": public_ipv6(index)}
    return {prefix + key: value for key, value in annotations.items()}


def joined_node(name, index, options):
    """What a node is right after its kubelet came up: no word of flannel yet."""
    capacity = {"cpu": "16", "memory": "64Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    cidrs = pod_cidrs(index, options)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "beta.kubernetes.io/os": "linux",
            },
            "annotations": {"kwok.x-k8s.io/node": "fake", "node.alpha.kubernetes.io/ttl": "0"},
        },
        "spec": {"podCIDR": cidrs[0], "podCIDRs": cidrs},
        "status": {
            "addresses": addresses(name, index, options),
            "capacity": capacity,
            "allocatable": capacity,
            "nodeInfo": {
                "architecture": "amd64", "operatingSystem": "linux", "osImage": "Debian GNU/Linux 12 (bookworm)",
                "kernelVersion": "6.1.0-27-amd64", "kubeletVersion": "v1.34.2", "kubeProxyVersion": "",
                "containerRuntimeVersion": "containerd://1.7.24", "machineID": f"{index:032x}",
                "systemUUID": f"{index:032x}", "bootID": f"{index:032x}",
            },
        },
    }


def make_control_plane(node):
    node["metadata"]["labels"] |= {"node-role.kubernetes.io/control-plane": ""}
    node["spec"]["taints"] = [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]


def node_names(options):
    """Control-plane nodes first, as they were when the cluster was made; names of one length, so that they sort well."""
    width = max(4, len(str(options.nodes)))
    control_plane = [f"cp-{i}" for i in range(1, options.control_plane + 1)]
    return control_plane + [f"node-{i:0{width}d}" for i in range(1, options.nodes - options.control_plane + 1)]


def flannel_node(name, index, options):
    node = joined_node(name, index, options)
    if index < options.control_plane:
        make_control_plane(node)
    if options.zones:
        node["metadata"]["labels"]["topology.kubernetes.io/zone"] = f"zone-{chr(ord('a') + index % options.zones)}"
    if name not in options.no_annotations:
        node["metadata"]["annotations"] |= flannel_annotations(index, options)
    return node


def flannel_nodes(options):
    return [flannel_node(name, index, options) for index, name in enumerate(node_names(options))]
