"""Pings without a break between pods of a lab, and what became of each single one."""
import os
import re
import signal
import subprocess
import time

from . import paths, shell

INTERVAL = 0.02
REPLY = re.compile(r"^\[(\d+\.\d+)\] .*icmp_seq=(\d+) ", re.M)
SENT = re.compile(r"^(\d+) packets transmitted", re.M)
STOP_SECONDS = 5


class Ping:
    """One sender and one target. `source` is an address in one of the node's network namespaces, "" the node itself."""

    def __init__(self, lab, node, source, target):
        self.name = f"{node}/{source or 'node'} -> {target}"
        self._path = os.path.join(lab.directory, "pings", re.sub(r"[^\w.]+", "_", self.name))
        os.makedirs(os.path.dirname(self._path), exist_ok=True)
        inside = ["ip", "netns", "exec", namespace_of(lab, node, source)] if source else []
        command = [paths.lab_script("enter"), lab.directory, node, *inside,
                   "ping", "-n", "-D", "-i", str(INTERVAL), target]
        with open(self._path, "w", encoding="utf-8") as output:
            # A group of its own: a signal reaches ping itself, behind the programs that lead into the node.
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                             start_new_session=True)
        self.started = time.time()

    def stop(self):
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def lost(self, until=None):
        """(sent, times of those without an answer). Those after `until` (seconds since 1970) do not count."""
        with open(self._path, encoding="utf-8") as output:
            text = output.read()
        answered = {int(sequence): float(seconds) for seconds, sequence in REPLY.findall(text)}
        if not answered:
            raise AssertionError(f"{self.name}: not one answer\n{text[-300:]}")
        # The last one was on its way when it was stopped.
        count = int(SENT.search(text).group(1)) - 1 if SENT.search(text) else max(answered)
        times = {sequence: self._sent_at(sequence, answered) for sequence in range(1, count + 1)}
        counted = [sequence for sequence in times if until is None or times[sequence] < until]
        return len(counted), [times[sequence] for sequence in counted if sequence not in answered]

    def _sent_at(self, sequence, answered):
        """Of a lost one: reckoned from the last answer before it."""
        if sequence in answered:
            self._last = (sequence, answered[sequence])
            return answered[sequence]
        before, seconds = getattr(self, "_last", (0, self.started))
        return seconds + (sequence - before) * INTERVAL


class Pings:
    """`with Pings(lab) as pings:`; add pairs, and read their losses after the block."""

    def __init__(self, lab):
        self._lab, self.all = lab, []

    def add(self, node, source, target):
        self.all.append(Ping(self._lab, node, source, target))
        return self.all[-1]

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for ping in self.all:
            ping.stop()


def namespace_of(lab, node, address):
    """The network namespace of a node that has this address: a pod's."""
    script = 'for n in $(ip netns list | cut -d" " -f1); do ip -n $n addr show | grep -qF " $1/" && echo $n; done; true'
    names = lab.enter(node, "sh", "-c", script, "_", address).split()
    if len(names) != 1:
        raise AssertionError(f"{address} is in {len(names)} network namespaces of {node}")
    return names[0]
