"""A Prometheus of Debian's, on loopback, that scrapes operators and judges alerts many times a second."""
import http.client
import json
import os
import re
import shutil
import subprocess
import urllib.parse

from . import paths
from .operator_process import free_port

ALERTS = os.path.join(paths.CHART, "files", "alerts.yaml")
UNPACKED = os.path.join(os.environ.get("FM_CACHE") or os.path.expanduser("~/.cache/flannel-migration"), "monitoring", "usr", "bin")
WINDOW = "5s"   # in the place of minutes
MOMENT = "250ms"


def program(name):
    """`prometheus` or `promtool`; None where there is none (deploy/install-dependencies.sh --lab)."""
    return shutil.which(name, path=f"{UNPACKED}{os.pathsep}{os.environ['PATH']}")


def hurried(rules):
    """The same rules, without their patience: a test has seconds where an alert has minutes."""
    rules = re.sub(r"for: \S+", "for: 0s", rules)
    rules = re.sub(r"\[\d+[mh]\]", f"[{WINDOW}]", rules)
    rules = re.sub(r"offset \d+m", f"offset {WINDOW}", rules)
    return re.sub(r"> 5$", "> 0", rules, flags=re.MULTILINE)


class Prometheus:
    def __init__(self, directory, ports):
        """`ports` of operators on loopback."""
        self._folder = os.path.join(directory, "prometheus")
        os.makedirs(self._folder)
        with open(ALERTS, encoding="utf-8") as rules:
            self._write("alerts.yaml", hurried(rules.read()))
        targets = [f"127.0.0.1:{port}" for port in ports]
        self._write("prometheus.yml", json.dumps({
            "global": {"scrape_interval": MOMENT, "scrape_timeout": MOMENT, "evaluation_interval": MOMENT},
            "rule_files": [os.path.join(self._folder, "alerts.yaml")],
            "scrape_configs": [{"job_name": "flannel-migration", "static_configs": [{"targets": targets}]}]}))
        self.port = free_port()
        self._log = open(os.path.join(self._folder, "log"), "wb")
        self._process = subprocess.Popen(
            [program("prometheus"), f"--config.file={self._folder}/prometheus.yml", f"--storage.tsdb.path={self._folder}/data",
             f"--web.listen-address=127.0.0.1:{self.port}", "--query.lookback-delta=2s"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)

    def _write(self, name, text):
        with open(os.path.join(self._folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def stop(self):
        self._process.terminate()
        self._process.wait()
        self._log.close()

    def _get(self, path):
        """The `data` of an answer; None while there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return json.loads(answer.read()).get("data") if answer.status == 200 else None
        except OSError:
            return None
        finally:
            connection.close()

    def firing(self):
        """Names of the alerts that fire."""
        found = self._get("/api/v1/alerts")
        return {alert["labels"]["alertname"] for alert in found["alerts"] if alert["state"] == "firing"} if found else set()

    def query(self, expression):
        """The series that an expression has now."""
        found = self._get("/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
        return found["result"] if found else []
