"""The agent as the operator's pod runs it: a read-only root with nothing but the program and its libraries, and the node's folders mounted."""
import os
import shutil
import subprocess

from . import program
from .shell import run

# As operator/controller/write/agent_pod.cc mounts them.
FOLDERS = ("etc/cni/net.d", "run/flannel", "var/lib/cni", "var/lib/calico", "var/run/calico")
FILES = ("run/xtables.lock", "dev/termination-log")


class Pod:
    def __init__(self, node):
        self.node = node
        self.root = os.path.join(node.network.folder, f"{node.name}.pod")
        self.agent = self.copy(program.AGENT)
        self.setpriv = self.copy(shutil.which("setpriv"))
        os.makedirs(os.path.join(self.root, "proc"))
        node.files.write("dev/termination-log", "")
        for folder in FOLDERS:
            os.makedirs(os.path.join(self.root, folder))
        for file in FILES:
            os.makedirs(os.path.join(self.root, os.path.dirname(file)), exist_ok=True)
            open(os.path.join(self.root, file), "w").close()

    def copy(self, path):
        """Into the pod, with what it loads."""
        words = run("ldd", path).split()
        for one in [path] + [word for word in words if word.startswith("/")]:
            inside = self.root + one
            os.makedirs(os.path.dirname(inside), exist_ok=True)
            shutil.copy(one, inside)
        return path

    def run(self, operation, *more):
        mounts = "\n".join(f"mount --bind {self.node.files.path(path)} {self.root}/{path}" for path in FOLDERS + FILES)
        script = f"""mount --make-rprivate /
            mount --bind {self.root} {self.root}
            mount -o remount,bind,ro {self.root}
            {mounts}
            mount -t proc proc {self.root}/proc
            exec chroot {self.root} "$@" """
        words = [self.setpriv, *program.CONFINED[1:], self.agent, *self.node.arguments(operation, *more)]
        for option in ("--root", "--termination-log"):  # as on a real node
            at = words.index(option)
            del words[at:at + 2]
        process = subprocess.Popen(["ip", "netns", "exec", self.node.ns.name, "unshare", "-m", "sh", "-ec", script, "sh", *words],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return program.finish(process)
