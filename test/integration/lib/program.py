"""What a test file does when it is run: skip with a reason where the machine cannot, else unittest."""
import os
import shutil
import sys
import unittest

from . import interrupts, paths, prometheus, shell

SKIPPED = 77  # SKIP_RETURN_CODE in CMakeLists.txt


class Result(unittest.TextTestResult):
    """Remembers for the way out of a cluster, which comes later, whether a test has failed."""

    failed = False

    def addError(self, test, err):
        Result.failed = True
        super().addError(test, err)

    def addFailure(self, test, err):
        Result.failed = True
        super().addFailure(test, err)


def missing(needs_go):
    """Why tests with certificates, or with a control plane that is built, cannot run here; or None."""
    if not shutil.which("openssl"):
        return "openssl is not installed"
    if needs_go and not shutil.which("go"):
        return "go is not installed, and the test control plane is built from Go modules"
    return None


def missing_for_lab():
    """Why a lab of real kubelets cannot run here, or None."""
    check = shell.attempt([paths.lab_script("can-run")])
    return None if check.returncode == 0 else check.stdout.strip() or check.stderr.strip()


def missing_prometheus():
    there = prometheus.program("prometheus") and prometheus.program("promtool")
    return None if there else "there is no Prometheus: deploy/install-dependencies.sh --lab"


def bin_folder():
    """Programs of the test control plane; builds them where they are not in the cache yet."""
    return shell.run([paths.script("build")], timeout=1800).strip().splitlines()[-1]


def main(needs_cluster=True, needs_operator=False, needs_lab=False, needs_stand_in=False,
         needs_agent=False, needs_prometheus=False):
    reason = missing(needs_cluster) if needs_cluster or needs_operator else None
    if needs_lab and not reason:
        reason = missing_for_lab()
    if needs_prometheus and not reason:
        reason = missing_prometheus()
    for wanted, program, variable in ((needs_operator, paths.operator_program(), "FM_OPERATOR"),
                                      (needs_agent, paths.agent_program(), "FM_AGENT"),
                                      (needs_stand_in, paths.stand_in_program(), "FM_STAND_IN")):
        if wanted and not os.access(program, os.X_OK):
            sys.exit(f"{program} does not exist: build it, or set {variable}")
    if reason:
        print(f"SKIPPED: {reason}")
        sys.exit(SKIPPED)
    interrupts.heed()
    # Where the tests of a file share a cluster, the others would only fail for that after a failure.
    shared = needs_cluster or needs_lab
    runner = unittest.TextTestRunner(verbosity=2, failfast=shared, resultclass=Result)
    unittest.main(module="__main__", testRunner=runner)
