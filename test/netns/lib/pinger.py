"""Pings that run beside an operation; afterwards their loss is known."""
import re
import subprocess


class Pinger:
    """`count` packets, one every 10 ms; begun when the first one was answered."""

    def __init__(self, namespace, target, count=120, size=56):
        self.what = f"{namespace.name} -> {target}"
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", namespace.name, "ping", "-n", "-i", "0.01", "-c", str(count), "-s", str(size), "-W", "1", target],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.text = self.process.stdout.readline() + self.process.stdout.readline()

    def finish(self):
        """(sent, lost)"""
        self.text += self.process.communicate(timeout=60)[0]
        match = re.search(r"(\d+) packets transmitted, (\d+) received", self.text)
        assert match, f"{self.what}: {self.text}"
        sent, received = int(match[1]), int(match[2])
        return sent, sent - received

    def end(self):
        """For a test that has failed before."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
