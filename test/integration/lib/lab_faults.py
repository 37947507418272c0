"""Faults while nodes are moved: each at one step of one node, and whether it really struck there."""
import concurrent.futures
import threading
import time

from .move_watch import MoveWatch, steps_before
from .step_gate import StepGate

AGENT_SECONDS = 60  # that an agent's pod may take to start
BACK_SECONDS = 60  # that a program may take to come back after it was killed


class Fault:
    """`strike(target)`, by default the node itself, is done when `node` is in a step. It answers False when there was nothing
    to strike. `later`: nodes of which one is struck when this one was missed."""

    def __init__(self, name, node, step, strike, *, target=None, later=()):
        self.node, self.step, self.strike, self.target, self.later = node, step, strike, target, later
        self.label = f"{name} at {step}"


class Faults:
    """`with Faults(lab, operator, "Calico", faults) as f:`. Each node is held in the steps in which it may have to be struck
    (StepGate), and while a fault is on its way the operator is halted. A fault whose node was found in another step afterwards
    does not count.

    hit      labels of the faults that struck, in their order
    missed   labels of those that did not: it must be empty in the end
    """

    def __init__(self, lab, operator, towards, faults):
        self._watch, self._operator, self._faults = MoveWatch(lab, towards, self._on_step), operator, faults
        self._gate = StepGate(lab, towards, [(node, fault.step) for fault in faults for node in (fault.node, *fault.later)])
        self._worker = concurrent.futures.ThreadPoolExecutor(1)
        self._lock, self._waiting = threading.Lock(), 0
        self._running, self._over, self.hit = [], set(), []

    def __enter__(self):
        self._gate.__enter__()
        self._watch.__enter__()
        return self

    def __exit__(self, kind, error, trace):
        self._watch.__exit__(kind, error, trace)
        self._worker.shutdown()
        if kind is None:
            for one in self._running:
                one.result()
        self._gate.__exit__(kind, error, trace)

    @property
    def missed(self):
        return [fault.label for fault in self._faults if fault.label not in self.hit]

    def _due(self, node, step):
        return [fault for fault in self._faults if fault.step == step and fault.label not in self.hit
                and (fault.node == node or (fault.label in self._over and node in fault.later))]

    def _on_step(self, node, step):
        self._pass_over(node, step)
        due = self._due(node, step)
        if due:
            self._hold(1)
            self._running.append(self._worker.submit(self._strike, node, step, due))
        else:
            self._let_go(node, step)

    def _pass_over(self, node, step):
        """Steps before this one are over on the node, seen or not."""
        self._over.update(fault.label for fault in self._faults if fault.node == node and fault.step in steps_before(step))
        self._gate.passed(node, step)

    def _strike(self, node, step, due):
        try:
            for fault in due:
                self._strike_one(node, fault)
        except Exception as error:
            # The test learns of it at its end only.
            print(f"{time.strftime('%X')} {node}: {error}", flush=True)
            raise
        finally:
            self._let_go(node, step)
            self._hold(-1)

    def _let_go(self, node, step):
        """Every node, when nothing is left to be struck in this step."""
        if all(fault.label in self.hit for fault in self._faults if fault.step == step):
            self._gate.open_all(step)
        self._gate.open(node, step)

    def _hold(self, more):
        """The operator goes on when no fault is left to be struck."""
        with self._lock:
            self._waiting += more
            self._operator.halt(self._waiting > 0)

    def _strike_one(self, node, fault):
        struck = fault.strike(fault.target or node) is not False
        # It may be another process now.
        self._hold(0)
        there = self._watch.step(node)
        print(f"{time.strftime('%X')} {node}: {fault.label}{'' if struck else ': nothing there'}; it is in {there}",
              flush=True)
        self._over.add(fault.label)
        if struck and there == fault.step:
            self.hit.append(fault.label)
