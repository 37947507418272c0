"""Programs of iproute2 and iptables: how the tests build a host's network, and how they look at what the agent made of it."""
import json
import subprocess


class CommandFailed(AssertionError):
    pass


def run(*command, text=None, check=True):
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise CommandFailed(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


class Namespace:
    """A network namespace with a name of this test run."""

    def __init__(self, name):
        self.name = name
        run("ip", "netns", "add", name)
        self.batch("link set lo up")
        self.write("net/ipv6/conf/all/accept_dad", "0")
        self.write("net/ipv6/conf/default/accept_dad", "0")

    def run(self, *command, **options):
        return run("ip", "netns", "exec", self.name, *command, **options)

    def ip(self, *arguments, check=True):
        """What `ip -j` says, as Python values."""
        text = run("ip", "-n", self.name, "-j", "-d", *arguments, check=check)
        return json.loads(text) if text.strip() else []

    def batch(self, *lines):
        run("ip", "-n", self.name, "-batch", "-", text="\n".join(lines) + "\n")

    def fdb(self, *lines):
        run("bridge", "-n", self.name, "-batch", "-", text="\n".join(lines) + "\n")

    def write(self, setting, value):
        self.run("sh", "-c", f"echo {value} >/proc/sys/{setting}")

    def names(self):
        return {link["ifname"] for link in self.ip("link", "show")}

    def link(self, name):
        found = [link for link in self.ip("link", "show") if link["ifname"] == name]
        return found[0] if found else None

    def delete(self):
        run("ip", "netns", "delete", self.name, check=False)
