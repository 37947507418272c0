"""All objects that a migration may touch, as a person would compare them with kubectl before and after."""
import json

CLUSTER_WIDE = ("nodes", "ippools", "felixconfigurations", "ipamconfigs", "ipamblocks", "blockaffinities", "ipamhandles",
                "clusterinformations", "kubecontrollersconfigurations", "tiers")
NAMESPACED = ("daemonsets", "configmaps", "poddisruptionbudgets", "deployments", "statefulsets", "serviceaccounts")
# The node controller's answer to spec.unschedulable, at a time of its own.
CORDON_TAINT = "node.kubernetes.io/unschedulable"
# Who wrote an object and when: not what it says.
SERVER_SET = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink")


def take(cluster):
    """By (resource, namespace, name): everything of the object but its status and what the server sets."""
    return {(kind, thing["metadata"].get("namespace", ""), thing["metadata"]["name"]): _content(thing)
            for kind in CLUSTER_WIDE + NAMESPACED for thing in cluster.list(kind)}


def _content(thing):
    meta = {key: value for key, value in thing["metadata"].items() if key not in SERVER_SET and value}
    # What `fail` of the test cluster leaves on objects.
    meta["annotations"] = {key: value for key, value in meta.get("annotations", {}).items() if not key.startswith("test-cluster/")}
    content = {key: value for key, value in thing.items() if key not in ("status", "apiVersion", "kind")} | {"metadata": meta}
    taints = [taint for taint in content.get("spec", {}).pop("taints", []) if taint["key"] != CORDON_TAINT]
    if taints:
        content["spec"]["taints"] = taints
    return content


def differences(before, after, allowed=None):
    """Sentences. `allowed`: {(resource, a path such as metadata.annotations.x): why it may differ}."""
    found = []
    for key in sorted(set(before) | set(after)):
        where = "/".join(part for part in key if part)
        if key not in after:
            found.append(f"{where} is gone")
        elif key not in before:
            found.append(f"{where} is left behind: {json.dumps(after[key])[:300]}")
        else:
            found += [f"{where} {path}: was {_short(was)}, is {_short(now)}"
                      for path, was, now in _compare("", before[key], after[key])
                      if (key[0], path) not in (allowed or {})]
    return found


def _short(value):
    return json.dumps(value)[:200]


def _compare(path, was, now):
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted(set(was) | set(now)):
            yield from _compare(f"{path}.{key}".lstrip("."), was.get(key), now.get(key))
    elif was != now:
        yield path, was, now
