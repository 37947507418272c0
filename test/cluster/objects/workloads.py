"""What runs on the pod network: some of every kind that a drain or a pod replacement treats differently."""


def container(image="registry.k8s.io/pause:3.10"):
    return {"name": "main", "image": image, "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}}}


def meta(name, namespace, app=None):
    return {"name": name, "namespace": namespace} | ({"labels": {"app": app}} if app else {})


def spread(app):
    """Without this the scheduler may put small Deployments onto a few nodes."""
    return [{"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway",
             "labelSelector": {"matchLabels": {"app": app}}}]


def template(app, **spec):
    return {"metadata": {"labels": {"app": app}},
            "spec": {"containers": [container()], "topologySpreadConstraints": spread(app)} | spec}


def deployment(name, namespace, replicas, **spec):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(name, namespace, name),
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template(name, **spec)}}


def stateful_set(name, namespace, replicas):
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": meta(name, namespace, name),
            "spec": {"replicas": replicas, "serviceName": name, "podManagementPolicy": "Parallel",
                     "selector": {"matchLabels": {"app": name}}, "template": template(name)}}


def daemon_set(name, namespace, **spec):
    pod = {"containers": [container()], "tolerations": [{"operator": "Exists"}]} | spec
    return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": meta(name, namespace, name),
            "spec": {"selector": {"matchLabels": {"app": name}},
                     "template": {"metadata": {"labels": {"app": name}}, "spec": pod}}}


def disruption_budget(app, namespace):
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": meta(app, namespace),
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": app}}}}


def bare_pod(name, namespace, **spec):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta(name, namespace, "bare"),
            "spec": {"containers": [container()]} | spec}


def scratch():
    """A local volume, which a drain refuses without --delete-emptydir-data."""
    mounted = container() | {"volumeMounts": [{"name": "scratch", "mountPath": "/scratch"}]}
    return {"volumes": [{"name": "scratch", "emptyDir": {}}], "containers": [mounted]}


def objects(nodes, pods_per_node, namespace="workloads"):
    """About `pods_per_node` pods for each node, not counting the two DaemonSets."""
    total = nodes * pods_per_node
    if total == 0:
        return []
    bare = min(3, total)
    stateful = min(max(1, total // 10), 50)
    cached = max(1, total // 10)
    web = max(1, total - bare - stateful - cached)
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        deployment("web", namespace, web),
        disruption_budget("web", namespace),
        deployment("cache", namespace, cached, **scratch()),
        stateful_set("db", namespace, stateful),
        daemon_set("log-collector", namespace),
        daemon_set("node-exporter", namespace, hostNetwork=True),
        *[bare_pod(f"bare-{i}", namespace) for i in range(bare)],
    ]
