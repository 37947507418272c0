"""Which step of its move each node is in, seen from journals and agent pods: earlier than in a status, and also what is short."""
import json
import threading

from .cluster import NAMESPACE

STATE = "cni-migration.io/state"
OPERATION = "cni-migration.io/operation"
STEPS = ("Cordon", "Stop", "Hand", "Start", "Verify", "Uncordon", "Refresh", "Clean")
HANDS = ("handover", "handback")
# Of a node that has not begun its next try, or that goes back after a failed one: its steps are still to come.
WAITING = "Waiting"


def steps_before(step):
    """All of them, when a node has been moved."""
    if step == WAITING:
        return ()
    return STEPS[:STEPS.index(step)] if step else STEPS


def journal_of(node):
    return json.loads(node["metadata"].get("annotations", {}).get(STATE, "{}"))


def agents_of(pods, node, operations):
    """Phases of a node's agent pods."""
    return [pod["status"].get("phase") for pod in pods if pod["spec"].get("nodeName") == node
            and pod["metadata"].get("labels", {}).get(OPERATION) in operations]


def step_of(node, pods, towards):
    """The step of `node`, an object, on its way to `towards`, or WAITING, or None when it is there; `pods` are those of the
    operator's namespace."""
    name, journal = node["metadata"]["name"], journal_of(node)
    if journal.get("towards", towards) != towards:
        return WAITING
    journaled = journal.get("step")
    if journaled == "Stop" and agents_of(pods, name, HANDS):
        return "Hand"
    if journaled == "Start" and agents_of(pods, name, ("verify",)):
        return "Uncordon" if "Succeeded" in agents_of(pods, name, ("verify",)) else "Verify"
    if journaled == "Refresh" and agents_of(pods, name, ("clean",)):
        return "Clean"
    if journaled in ("Queued", "Failed"):
        return WAITING
    return journaled if journaled in STEPS else None


class MoveWatch:
    """`with MoveWatch(lab, "Calico", on_step):` calls on_step(name, step), in a watching thread, when a node comes into a
    step of a move in this direction, with WAITING between two tries, and with None when it has been moved."""

    def __init__(self, lab, towards, on_step):
        self._lab, self._towards, self._on_step, self._last = lab, towards, on_step, {}
        self._nodes = self._pods = None
        self._lock = threading.Lock()

    def __enter__(self):
        self._pods = self._lab.watch("pods", NAMESPACE, self._look)
        self._nodes = self._lab.watch("nodes", on_change=self._look)
        return self

    def __exit__(self, kind, error, trace):
        for watch in (self._nodes, self._pods):
            watch.__exit__(kind, error, trace)

    def step(self, name):
        """Asked now, of the server."""
        return step_of(self._lab.get("nodes", name), self._lab.list("pods", NAMESPACE), self._towards)

    def _look(self, _):
        if not self._nodes:
            return
        with self._lock:
            for node in list(self._nodes.objects.values()):
                self._note(node["metadata"]["name"], step_of(node, list(self._pods.objects.values()), self._towards))

    def _note(self, name, step):
        if self._last.get(name) != step:
            self._last[name] = step
            self._on_step(name, step)
