"""NetworkPolicies for the pods of test/lab/workloads.yaml: nothing is allowed but the paths of a lab's traffic. flannel does not
ask for them, Felix does for each pod on a link of its own.

    lab.apply(lab_policies.policies(lab))     # while flannel still runs
    lab_policies.open_paths(lab)              # those that are denied, and yet answer
"""
import concurrent.futures
import ipaddress

from . import calico_check
from .lab import address_of

# By what the first sends, and by what the second takes; in either the other side allows it.
DENIED = (("app=store", "app=web"), ("app=web", "app=store"))
ASK = 'printf "GET / HTTP/1.0\\r\\n\\r\\n" | nc -w 5 "$1" 8080 || true'


def policies(lab):
    """All of them, as one List."""
    return {"apiVersion": "v1", "kind": "List", "items": [
        policy("deny-all", {}, ingress=[], egress=[]),
        policy("from-nodes", {}, ingress=[{"from": [underlay(lab)] + [block(address) for address in tunnels(lab)]}]),
        policy("peer", app("peer"), ingress=[{"from": [{"podSelector": app("peer")}]}], egress=[
            {"to": [{"podSelector": app("peer")}]},
            {"to": [{"podSelector": app("web")}], "ports": [port(8080)]},
            {"to": [underlay(lab)], "ports": [port(8087)]}]),
        policy("web", app("web"), egress=[{}], ingress=[{"from": [of_peer_and_store()], "ports": [port(8080)]}])]}


def policy(name, pods, **directions):
    types = [direction.capitalize() for direction in directions]
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": name, "namespace": "default"},
            "spec": {"podSelector": pods, "policyTypes": types} | directions}


def app(name):
    return {"matchLabels": {"app": name}}


def of_peer_and_store():
    """By an expression, and in a namespace that is asked for by its label."""
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "default"}},
            "podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["peer", "store"]}]}}


def port(number):
    return {"protocol": "TCP", "port": number}


def block(address):
    return {"ipBlock": {"cidr": str(ipaddress.ip_network(address))}}


def underlay(lab):
    """The network of the nodes; nobody has its last address."""
    network = ipaddress.ip_network(f"{lab.address(lab.names[0])}/24", strict=False)
    return {"ipBlock": {"cidr": str(network), "except": [f"{network[-1]}/32"]}}


def tunnels(lab):
    """What a node's own packets to pods of other nodes come from."""
    return [cidr.split("/")[0] for want in calico_check.expectations(lab).values() for cidr in want.cidrs.values()]


def open_paths(lab):
    """(pod, address) of every denied path that answers."""
    with concurrent.futures.ThreadPoolExecutor() as executor:
        asked = list(executor.map(lambda path: (path, ask(lab, *path)), denied_paths(lab)))
    return [(pod["metadata"]["name"], address) for (pod, address), answer in asked if " 200 " in answer]


def denied_paths(lab):
    """From one pod to one on another node, in each family."""
    for source, target in DENIED:
        pod = lab.pods(source)[0]
        other = next(one for one in lab.pods(target) if one["spec"]["nodeName"] != pod["spec"]["nodeName"])
        for version in (4, 6) if lab.dual_stack else (4,):
            yield pod, address_of(other, version)


def ask(lab, pod, address):
    return lab.execute(pod, "sh", "-c", ASK, "_", address)
