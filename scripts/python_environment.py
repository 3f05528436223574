"""Install what pyproject.toml asks for into the environment of the running interpreter.

    <venv>/bin/python3 python_environment.py --project python [--extras export,dev] [--offline] [--wheels DIR]

Versions are those of requirements.lock, used as pip constraints. Exit codes: 0 done, 1 pip failed,
3 there is no CPU build of torch for this interpreter.
"""

import argparse
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
NO_CPU_TORCH = 3
CUDA_PACKAGES = re.compile(r"^(nvidia|cuda)-")


def wanted_requirements(project: Path, extras: Sequence[str]) -> list[str]:
    """Requirement strings of the base and of `extras`; KeyError names an extra that does not exist."""
    table = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    base: list[str] = table["dependencies"]
    optional: dict[str, list[str]] = table["optional-dependencies"]
    return base + [requirement for extra in extras for requirement in optional[extra]]


def pip(arguments: Sequence[str], source: Sequence[str]) -> bool:
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.run([*command, *source, *arguments], env=environment, check=False).returncode == 0


def is_installed(requirement: str) -> bool:
    name, _, version = requirement.partition("==")
    try:
        return importlib.metadata.version(name).partition("+")[0] == version
    except importlib.metadata.PackageNotFoundError:
        return False


def cuda_packages(requirement: str, source: Sequence[str]) -> list[str]:
    """Names of the CUDA packages that installing `requirement` would bring."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        if not pip(["--dry-run", "--quiet", "--report", str(report), requirement], source):
            return []
        names = [entry["metadata"]["name"] for entry in json.loads(report.read_text())["install"]]
    return [name for name in names if CUDA_PACKAGES.match(name)]


def install_torch(requirement: str, source: Sequence[str], offline: bool) -> int:
    if is_installed(requirement):
        return 0
    print(f"note: looking for the CPU build of {requirement}", flush=True)
    # Without dependencies: they come with everything else, from the user's own index.
    quick = ["--no-deps", "--retries", "1", "--timeout", "15"]
    if not offline and pip([*quick, "--index-url", CPU_INDEX, requirement], []):
        return 0
    cuda = cuda_packages(requirement, source)
    if cuda:
        version = ".".join(map(str, sys.version_info[:3]))
        print(
            f"only a CUDA build of {requirement} was found for CPython {version}: {len(cuda)} CUDA packages"
        )
        return NO_CPU_TORCH
    return 0 if pip([requirement], source) else 1


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--extras", default="")
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("--wheels")
    options = parser.parse_args()

    source = ["--constraint", str(options.project / "requirements.lock")]
    if options.offline:
        source.append("--no-index")
    if options.wheels:
        source += ["--find-links", options.wheels]
    requirements = wanted_requirements(
        options.project, [extra for extra in options.extras.split(",") if extra]
    )
    for torch in [requirement for requirement in requirements if requirement.startswith("torch==")]:
        code = install_torch(torch, source, options.offline)
        if code:
            return code
    return 0 if pip(requirements, source) else 1


if __name__ == "__main__":
    sys.exit(main())
