"""The operator as a process under test: with the rights of its ServiceAccount, and every way to end it."""
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time

from . import paths

STOP_SECONDS = 2.0  # after SIGTERM


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Operator:
    """Started by `Cluster.operator()`. All incarnations append to one log file."""

    def __init__(self, directory, kubeconfig, arguments, environment, wrapper=()):
        """`wrapper` is a command that becomes the operator in the end, as `env` does."""
        self.log_path = os.path.join(directory, "operator.log")
        self.port = free_port()
        self._command = [*wrapper, paths.operator_program(), "run", "--kubeconfig", kubeconfig,
                         "--listen", f"127.0.0.1:{self.port}", *arguments]
        self._environment = environment
        self._process = None
        self._changing = threading.Lock()
        self.start()

    @property
    def pid(self):
        return self._process.pid

    @property
    def running(self):
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self):
        return self._process.poll()

    def start(self):
        assert not self.running, "the operator runs already"
        with open(self.log_path, "ab") as log:
            # No pipe and a session of its own: it outlives nothing and waits for nobody.
            self._process = subprocess.Popen(self._command, env=self._environment, stdin=subprocess.DEVNULL,
                                             stdout=log, stderr=log, start_new_session=True)

    def kill(self):
        """kill -9."""
        assert self.running, f"the operator ended by itself with {self.exit_code}:\n{self.log_tail()}"
        self._process.kill()
        self._process.wait()

    def terminate(self, within=STOP_SECONDS):
        """SIGTERM: it must end by itself, cleanly and within so many seconds. Answers how long it took."""
        assert self.running, f"the operator ended by itself with {self.exit_code}:\n{self.log_tail()}"
        started = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the operator still ran {within} s after SIGTERM:\n{self.log_tail()}") from None
        assert code == 0, f"the operator ended with {code} after SIGTERM:\n{self.log_tail()}"
        return time.monotonic() - started

    def ask_to_end(self):
        """SIGTERM, without waiting for what comes of it; one that has ended is not asked."""
        if self.running:
            self._process.terminate()

    def restart(self):
        with self._changing:
            self.kill()
            self.start()

    def halt(self, halted):
        """SIGSTOP or SIGCONT; of another thread, too, while it is started again."""
        with self._changing:
            os.kill(self.pid, signal.SIGSTOP if halted else signal.SIGCONT)

    def stop(self):
        """However it goes: for the end of a test."""
        if self.running:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def log(self, **wanted):
        """The log's lines as objects, those whose keys have the wanted values. Lines that are not JSON have only `raw`."""
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            lines = [self._parse(line) for line in log]
        return [line for line in lines if all(line.get(key) == value for key, value in wanted.items())]

    @staticmethod
    def _parse(line):
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        return value if isinstance(value, dict) else {"raw": line.rstrip()}

    def log_tail(self, lines=30):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-lines:])

    def http(self, path):
        """(status, body) of its own server: /healthz, /readyz, /metrics."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def follows_a_migration(self):
        """Whether it has planned for a FlannelMigration that it believes to be there: its metrics tell."""
        return "flannel_migration_condition{" in self.http("/metrics")[1]

    def wait_ready(self, timeout=60):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            assert self.running, f"the operator ended with {self.exit_code}:\n{self.log_tail()}"
            try:
                if self.http("/readyz")[0] == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"the operator was not ready after {timeout} s:\n{self.log_tail()}")

    def rss_bytes(self):
        return self._status("VmRSS") * 1024

    def peak_rss_bytes(self):
        return self._status("VmHWM") * 1024

    def threads(self):
        return self._status("Threads")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def _status(self, name):
        with open(f"/proc/{self.pid}/status", encoding="utf-8") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(f"{name}:"))

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat", encoding="utf-8") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
