"""The agent itself: run in a namespace, below a folder of its own."""
import glob
import json
import os
import subprocess
from dataclasses import dataclass


def built(program):
    """The newest one that the test cluster or the lab has built, or what FM_PROGRAM names; None where there is none."""
    found = glob.glob(os.path.expanduser(f"~/.cache/flannel-migration/*/bin/{program}"))
    return os.environ.get(f"FM_{os.path.basename(program).upper()}") or max(found, key=os.path.getmtime, default=None)


AGENT = os.environ.get("FM_AGENT", "")
# No more rights than the pod gives it (operator/controller/write/agent_pod.cc).
CONFINED = ("setpriv", "--bounding-set=-all,+net_admin,+net_raw,+dac_override", "--inh-caps=-all", "--no-new-privs")


@dataclass
class Ran:
    code: int
    report: dict
    log: str

    @property
    def result(self):
        return self.report.get("result")

    @property
    def message(self):
        return self.report.get("message", "")

    @property
    def live(self):
        """{"10.244.1.0/24": "2-5,9"}"""
        return {one["cidr"]: one["offsets"] for one in self.report.get("observed", {}).get("liveAddresses", [])}


def start(namespace, *arguments):
    return subprocess.Popen(["ip", "netns", "exec", namespace.name, *CONFINED, AGENT, *arguments],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    out, log = process.communicate(timeout=60)
    report = json.loads(out) if out.strip() else {}
    return Ran(process.returncode, report, log)
