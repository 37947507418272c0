"""Running programs: output as text, a failure as an exception that shows what the program said."""
import subprocess


class CommandFailed(AssertionError):
    def __init__(self, command, result):
        super().__init__(f"{' '.join(command)}: exit code {result.returncode}\n{result.stdout}{result.stderr}")
        self.returncode = result.returncode
        self.stderr = result.stderr


def attempt(command, stdin=None, env=None, timeout=300):
    return subprocess.run(command, input=stdin, env=env, timeout=timeout, text=True, capture_output=True, check=False)


def run(command, stdin=None, env=None, timeout=300):
    result = attempt(command, stdin, env, timeout)
    if result.returncode != 0:
        raise CommandFailed(command, result)
    return result.stdout
