"""A certificate authority, a server's certificate for 127.0.0.1 and a kubeconfig with a token, for a RudeServer."""
import atexit
import functools
import os
import shutil
import tempfile

from . import shell
from .rude_server import TOKEN

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Pki:
    """Files in a folder that is there already."""

    def __init__(self, directory):
        self._directory = directory
        self.authority, self.certificate, self.key = (os.path.join(directory, name) for name in ("ca.crt", "tls.crt", "tls.key"))
        ca_key, request, names = (os.path.join(directory, name) for name in ("ca.key", "tls.csr", "names"))
        with open(names, "w", encoding="utf-8") as file:
            file.write("subjectAltName=IP:127.0.0.1,DNS:rude.test")
        shell.run(["openssl", "req", "-x509", *KEY, "-days", "2", "-subj", "/CN=rude-ca", "-keyout", ca_key,
                   "-out", self.authority])
        shell.run(["openssl", "req", *KEY, "-subj", "/CN=rude", "-keyout", self.key, "-out", request])
        shell.run(["openssl", "x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", ca_key, "-days", "2",
                   "-set_serial", "1", "-extfile", names, "-out", self.certificate])


@functools.cache
def shared():
    """One for the whole process."""
    directory = tempfile.mkdtemp(prefix="fm-pki-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return Pki(directory)


def write_kubeconfig(path, server, authority, token=TOKEN):
    """YAML's double quotes take JSON's escapes, so that a test may write any token. The path again."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""\
apiVersion: v1
kind: Config
clusters: [{{name: rude, cluster: {{server: "{server}", certificate-authority: "{authority}"}}}}]
users: [{{name: user, user: {{token: {_quoted(token)}}}}}]
contexts: [{{name: rude, context: {{cluster: rude, user: user}}}}]
current-context: rude
""")
    return path


def _quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n")
    return f'"{escaped}"'
