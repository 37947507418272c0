"""What a well-behaved API server says for a RudeServer: lists, watches and writes of plain objects, kept in memory.

Only what the operator asks for: no admission, no schema, no paging, no garbage collection.
"""
import datetime
import itertools
import re
import threading
import uuid

from .rude_server import refuse

PATH = re.compile(r"(?P<root>/api/v1|/apis/[^/]+/[^/]+)(?:/namespaces/(?P<ns>[^/]+))?/(?P<plural>[a-z]+)"
                  r"(?:/(?P<name>[^/]+))?(?:/(?P<sub>[a-z]+))?")
CALICO = "/apis/crd.projectcalico.org/v1"
OURS = "/apis/cni-migration.io/v1alpha1"
KINDS = {
    ("/api/v1", "nodes"): "Node",
    ("/api/v1", "pods"): "Pod",
    ("/api/v1", "configmaps"): "ConfigMap",
    ("/api/v1", "events"): "Event",
    ("/apis/apps/v1", "daemonsets"): "DaemonSet",
    ("/apis/coordination.k8s.io/v1", "leases"): "Lease",
    ("/apis/authorization.k8s.io/v1", "selfsubjectaccessreviews"): "SelfSubjectAccessReview",
    ("/apis/authorization.k8s.io/v1", "subjectaccessreviews"): "SubjectAccessReview",
    (OURS, "flannelmigrations"): "FlannelMigration",
    (CALICO, "ippools"): "IPPool",
    (CALICO, "felixconfigurations"): "FelixConfiguration",
    (CALICO, "ipamconfigs"): "IPAMConfig",
    (CALICO, "ipamblocks"): "IPAMBlock",
    (CALICO, "blockaffinities"): "BlockAffinity",
    (CALICO, "ipamhandles"): "IPAMHandle",
    (CALICO, "clusterinformations"): "ClusterInformation",
}
PLACES = {kind: place for place, kind in KINDS.items()}
EXPIRED = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 410, "reason": "Expired",
           "message": "too old resource version"}
# Nothing that the operator would ever read again.
REVIEWS = ("SelfSubjectAccessReview", "SubjectAccessReview")
NOT_KEPT = ("Event", *REVIEWS)


def api_version(root):
    return root.removeprefix("/apis/").removeprefix("/api/")


def collection(kind, ns=""):
    """The path of a kind's objects."""
    root, plural = PLACES[kind]
    return f"{root}/namespaces/{ns}/{plural}" if ns else f"{root}/{plural}"


def kind_at(path):
    """(apiVersion, kind) of the objects at a path."""
    found = PATH.fullmatch(path)
    return api_version(found["root"]), KINDS[found["root"], found["plural"]]


def merged(thing, patch):
    """RFC 7386."""
    if not isinstance(patch, dict) or not isinstance(thing, dict):
        return patch
    rest = {key: value for key, value in thing.items() if key not in patch}
    return rest | {key: merged(thing.get(key, {}), value) for key, value in patch.items() if value is not None}


def field_of(thing, path):
    for step in path.split("."):
        thing = thing.get(step, {})
    return thing or ""


class Selection:
    """Namespace, labelSelector and fieldSelector of a request; equality is all there is."""

    def __init__(self, ns, query):
        self._ns = ns
        self._labels = self._pairs(query.get("labelSelector", ""))
        self._fields = self._pairs(query.get("fieldSelector", ""))

    @staticmethod
    def _pairs(selector):
        return [one.split("=", 1) for one in selector.split(",") if one]

    def __contains__(self, thing):
        meta = thing["metadata"]
        labels = meta.get("labels", {})
        return (not self._ns or meta.get("namespace") == self._ns) and \
            all(labels.get(key) == value for key, value in self._labels) and \
            all(field_of(thing, path) == value for path, value in self._fields)


class SmallApi:
    """Its methods may be called on any thread. Objects are never changed in place."""

    def __init__(self, objects=(), version=1000):
        self._changed = threading.Condition()
        self._epoch = 0  # watches of an earlier one are told that their version is gone
        self._numbers = itertools.count(1)
        self._version = version
        self._objects = {}  # by kind, namespace and name
        self._history = []  # (version, kind of event, object)
        for thing in objects:
            self.create(thing)

    # --- what a test changes ---

    def create(self, thing):
        meta = {"uid": str(uuid.uuid4()), "creationTimestamp": self._now(), "generation": 1} | thing["metadata"]
        if "generateName" in meta:
            meta["name"] = f"{meta['generateName']}{next(self._numbers)}"
        return self._put("ADDED", thing | {"metadata": meta})

    def patch(self, kind, name, patch, ns=""):
        with self._changed:
            old = self._objects[kind, ns, name]
            new = merged(old, patch)
            if new == old:
                return old
            if new.get("spec") != old.get("spec"):
                new["metadata"]["generation"] += 1
            return self._put("MODIFIED", new)

    def delete(self, kind, name, ns=""):
        with self._changed:
            return self._put("DELETED", self._objects[kind, ns, name])

    def backup(self):
        with self._changed:
            return self._version, dict(self._objects)

    def restore(self, backup):
        """As etcd: what came later is gone, and versions are lower than what clients have seen."""
        with self._changed:
            self._epoch += 1
            self._version, self._objects = backup[0], dict(backup[1])
            self._history = []
            self._changed.notify_all()

    def expire_watches(self):
        """Every watch is told that its version is too old."""
        with self._changed:
            self._epoch += 1
            self._changed.notify_all()

    close = expire_watches

    def find(self, kind, name, ns=""):
        return self._objects.get((kind, ns, name))

    def list(self, kind):
        return [thing for key, thing in sorted(self._objects.items()) if key[0] == kind]

    def _put(self, event, thing):
        with self._changed:
            self._version += 1
            thing = thing | {"metadata": thing["metadata"] | {"resourceVersion": str(self._version)}}
            key = (thing["kind"], thing["metadata"].get("namespace", ""), thing["metadata"]["name"])
            self._history.append((self._version, event, thing))
            if event == "DELETED":
                del self._objects[key]
            elif thing["kind"] not in NOT_KEPT:
                self._objects[key] = thing
            self._changed.notify_all()
            return thing

    @staticmethod
    def _now():
        return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    # --- what it says ---

    def answer(self, exchange):
        request = exchange.request
        if request.path == "/apis":
            return exchange.json(200, self._groups())
        if request.path in {root for root, _ in KINDS}:
            return exchange.json(200, self._resources(request.path))
        found = PATH.fullmatch(request.path)
        kind = found and KINDS.get((found["root"], found["plural"]))
        if not kind:
            return exchange.send(404, "404 page not found", "text/plain")
        if request.method == "GET" and not found["name"]:
            return (self._watch if request.is_watch else self._list)(exchange, kind, found)
        verb = {"GET": self._get, "POST": self._post, "PATCH": self._patch, "PUT": self._replace, "DELETE": self._delete}
        return verb[request.method](exchange, kind, found)

    @staticmethod
    def _groups():
        versions = sorted({api_version(root) for root, _ in KINDS if root.startswith("/apis/")})
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [
            {"name": version.split("/")[0], "versions": [{"groupVersion": version, "version": version.split("/")[1]}]}
            for version in versions]}

    @staticmethod
    def _resources(root):
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version(root), "resources": [
            {"name": plural, "kind": kind} for (its_root, plural), kind in KINDS.items() if its_root == root]}

    def _list(self, exchange, kind, found):
        with self._changed:
            items = [thing for thing in self.list(kind) if thing in Selection(found["ns"], exchange.request.query)]
            version = str(self._version)
        exchange.json(200, {"kind": f"{kind}List", "apiVersion": api_version(found["root"]),
                            "metadata": {"resourceVersion": version}, "items": items})

    def _watch(self, exchange, kind, found):
        selection, epoch = Selection(found["ns"], exchange.request.query), self._epoch
        after = int(exchange.request.query.get("resourceVersion") or 0)
        exchange.begin()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._epoch != epoch or self._events(kind, selection, after))
                events, expired = self._events(kind, selection, after), self._epoch != epoch
            if expired:
                exchange.line("ERROR", EXPIRED)
                return exchange.end()
            for after, event, thing in events:
                exchange.line(event, thing)

    def _events(self, kind, selection, after):
        return [one for one in self._history if one[0] > after and one[2]["kind"] == kind and one[2] in selection]

    def _get(self, exchange, kind, found):
        thing = self._named(kind, found)
        return exchange.json(200, thing) if thing else self._not_found(exchange, found)

    def _post(self, exchange, kind, found):
        thing = exchange.request.json()
        if kind in REVIEWS:
            return exchange.json(201, thing | {"status": {"allowed": True}})
        if found["ns"]:
            thing["metadata"]["namespace"] = found["ns"]
        if self.find(kind, thing["metadata"].get("name"), found["ns"] or ""):
            return refuse(409, "AlreadyExists")(exchange)
        return exchange.json(201, self.create(thing))

    def _patch(self, exchange, kind, found):
        patch, thing = exchange.request.json(), self._named(kind, found)
        if not thing:
            return self._not_found(exchange, found)
        wanted = patch.get("metadata", {}).pop("resourceVersion", None)
        if wanted not in (None, thing["metadata"]["resourceVersion"]):
            return refuse(409, "Conflict", "the object has been modified")(exchange)
        if found["sub"] == "status":
            patch = {"status": patch.get("status")}
        return exchange.json(200, self.patch(kind, found["name"], patch, found["ns"] or ""))

    def _replace(self, exchange, kind, found):
        if not self._named(kind, found):
            return self._not_found(exchange, found)
        return exchange.json(200, self._put("MODIFIED", exchange.request.json()))

    def _delete(self, exchange, kind, found):
        if not found["name"]:
            for thing in self.list(kind):
                if thing in Selection(found["ns"], exchange.request.query):
                    self.delete(kind, thing["metadata"]["name"], thing["metadata"].get("namespace", ""))
        elif not self._named(kind, found):
            return self._not_found(exchange, found)
        else:
            self.delete(kind, found["name"], found["ns"] or "")
        return exchange.json(200, {"kind": "Status", "apiVersion": "v1", "status": "Success"})

    def _named(self, kind, found):
        return self.find(kind, found["name"], found["ns"] or "")

    @staticmethod
    def _not_found(exchange, found):
        return refuse(404, "NotFound", f'{found["plural"]} "{found["name"]}" not found')(exchange)
