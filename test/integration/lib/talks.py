"""Pings and TCP without a break between pods of a lab, and what became of each single packet or request."""
import errno
import json
import os
import re

from . import paths
from .node_process import NodeProcess

INTERVAL = 0.02
REPLY = re.compile(r"^\[(\d+\.\d+)\] .*icmp_seq=(\d+) ", re.M)
REFUSED = f"Errno {errno.ECONNREFUSED}"
REFUSING = 15.0  # seconds that a pod which is killed behind its object may be in its successor's way; 0.4 were seen
SENT = re.compile(r"^(\d+) packets transmitted", re.M)


class Ping(NodeProcess):
    def __init__(self, lab, node, source, target):
        command = ["ping", "-n", "-D", "-i", str(INTERVAL), target]
        super().__init__(lab, f"ping {node}/{source or 'node'} -> {target}", node, source, command)

    def lost(self, until=None):
        """(sent, times of those without an answer). Those after `until` (seconds since 1970) do not count."""
        text = self.output()
        answered = {int(sequence): float(seconds) for seconds, sequence in REPLY.findall(text)}
        if not answered:
            raise AssertionError(f"{self.name}: not one answer\n{text[-300:]}")
        # The last one was on its way when it was stopped.
        count = int(SENT.search(text).group(1)) - 1 if SENT.search(text) else max(answered)
        times = self._times(count, answered)
        counted = [sequence for sequence in times if until is None or times[sequence] < until]
        return len(counted), [times[sequence] for sequence in counted if sequence not in answered]

    def _times(self, count, answered):
        """When each one was sent; for a lost one reckoned from the last answer before it."""
        times, last, seconds = {}, 0, self.started
        for sequence in range(1, count + 1):
            if sequence in answered:
                last, seconds = sequence, answered[sequence]
            times[sequence] = seconds + (sequence - last) * INTERVAL
        return times


class Talk(NodeProcess):
    """TCP: `kind` is "stream" (one connection, an echo every 20 ms) or "request" (a new connection each time, from
    `source_port` and those behind it where one is given)."""

    def __init__(self, lab, kind, node, source, target, port, source_port=None):
        command = ["python3", "-B", os.path.join(paths.LAB, "talk.py"), kind, target, str(port)]
        command += [str(source_port)] if source_port else []
        super().__init__(lab, f"{kind} {node}/{source} -> {target}:{port}", node, source, command)

    def lost(self, until=None, again=None):
        """(how many were asked, when those without an answer were). What was given up after `until` and asked before `again`
        does not count, nor what is refused soon after: a pod that is killed behind its object is in the way until its sandbox
        has gone."""
        result = self._result()

        def counts(asked, given_up, why):
            if until is None or given_up < until:
                return True
            return again is not None and asked > again + (REFUSING if REFUSED in why else 0)

        return result["asked"], [failure[0] for failure in result["failures"] if counts(*failure)]

    @property
    def slowest(self):
        """Seconds that the slowest answer took. It decides nothing: a busy machine is slow."""
        return self._result()["slowest"]

    def _result(self):
        return json.loads(self.output().strip().splitlines()[-1])


class Talks:
    """`with Talks(lab) as talks:`; add some, and ask them after the block."""

    def __init__(self, lab):
        self._lab, self.all = lab, []

    def ping(self, node, source, target):
        self.all.append(Ping(self._lab, node, source, target))
        return self.all[-1]

    def talk(self, kind, node, source, target, port, source_port=None):
        self.all.append(Talk(self._lab, kind, node, source, target, port, source_port))
        return self.all[-1]

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for one in self.all:
            one.stop()
