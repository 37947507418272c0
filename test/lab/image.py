"""Container images as docker-archive tars, made of files of this machine: no registry, no daemon, the same bytes each time."""
import hashlib
import io
import json
import os
import platform
import re
import subprocess
import tarfile

ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin"


def libraries_of(program):
    """What the loader would load, and the loader: paths as the program names them."""
    listing = subprocess.run(["ldd", program], text=True, capture_output=True, check=False).stdout
    return re.findall(r"(/\S+) \(0x", listing)


class Image:
    """One layer. Later files of the same path are ignored: two programs may need the same library."""

    def __init__(self, reference, entrypoint, user=""):
        self._reference, self._user = reference, user
        self._entrypoint = entrypoint
        self._entries = {}

    def _add(self, path, kind, content=b"", mode=0o755, link=""):
        name = path.lstrip("/")
        parent = os.path.dirname(name)
        if parent:
            self._add(parent, tarfile.DIRTYPE)
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.linkname, info.size = kind, mode, link, len(content)
        self._entries.setdefault(name, (info, content))

    def add_text(self, path, text):
        self._add(path, tarfile.REGTYPE, text.encode(), 0o644)

    def add_folder(self, path, mode=0o755):
        self._add(path, tarfile.DIRTYPE, mode=mode)

    def add_link(self, path, target):
        self._add(path, tarfile.SYMTYPE, link=target)

    def add_file(self, source, path):
        with open(source, "rb") as file:
            self._add(path, tarfile.REGTYPE, file.read())

    def add_program(self, source, path=None):
        """With the shared libraries that it needs."""
        self.add_file(source, path or source)
        for library in libraries_of(source):
            self.add_file(library, library)

    def add_busybox(self):
        """A shell and the small tools; what is there already is kept."""
        busybox = "/bin/busybox"
        self.add_program(busybox)
        for applet in subprocess.run([busybox, "--list"], text=True, capture_output=True, check=True).stdout.split():
            self.add_link(f"/bin/{applet}", "busybox")
        for folder in ("/etc", "/run", "/var", "/root"):
            self.add_folder(folder)
        self.add_folder("/tmp", 0o1777)
        self.add_text("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")

    def _layer(self):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            for _, (info, content) in sorted(self._entries.items()):
                tar.addfile(info, io.BytesIO(content))
        return buffer.getvalue()

    def _config(self, layer_digest):
        return json.dumps({
            "architecture": ARCHITECTURE[platform.machine()], "os": "linux",
            "config": {"Entrypoint": self._entrypoint, "Env": [PATH], "User": self._user},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]},
            "history": [{"created_by": "test/lab"}],
        }).encode()

    def save(self, path):
        """The file appears at once, or not at all."""
        layer = self._layer()
        digest = hashlib.sha256(layer).hexdigest()
        config = self._config(digest)
        config_name = hashlib.sha256(config).hexdigest() + ".json"
        manifest = [{"Config": config_name, "RepoTags": [self._reference], "Layers": [f"{digest}.tar"]}]
        with tarfile.open(path + ".part", "w") as tar:
            for name, content in ((config_name, config), (f"{digest}.tar", layer),
                                  ("manifest.json", json.dumps(manifest).encode())):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
        os.replace(path + ".part", path)
