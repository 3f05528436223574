"""Install what pyproject.toml asks for into the environment of the running interpreter.

    <venv>/bin/python3 python_environment.py --project python [--extras export,dev] [--offline] [--wheels DIR]
    … --dry-run   print only the plan
    … --check     print only what is missing

Versions are those of requirements.lock, used as pip constraints. Before anything is installed, one line
`plan: ` and a JSON array [{name, version, bytes}] tell what will be fetched (bytes null where no one says).
`--check` prints a JSON array [{requirement, installed}] of what does not fit; installed is null or a version.
Exit codes: 0 done, 1 pip failed, 3 there is no CPU build of torch for this interpreter.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import urllib.parse
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
NO_CPU_TORCH = 3
CUDA_PACKAGES = re.compile(r"^(nvidia|cuda)-|^triton$")
QUICK = ["--no-deps", "--retries", "1", "--timeout", "15"]
"""Without dependencies: they come with everything else, from the user's own index."""


def wanted_requirements(project: Path, extras: Sequence[str]) -> list[str]:
    """Requirement strings of the base and of `extras`; KeyError names an extra that does not exist."""
    table = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    base: list[str] = table["dependencies"]
    optional: dict[str, list[str]] = table["optional-dependencies"]
    return base + [requirement for extra in extras for requirement in optional[extra]]


def pip(arguments: Sequence[str], source: Sequence[str]) -> bool:
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    # Where pip can (25.1 and later), a download that breaks off goes on where it stopped.
    environment = {"PIP_RESUME_RETRIES": "5", **os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.run([*command, *source, *arguments], env=environment, check=False).returncode == 0


def resolved(requirements: Sequence[str], source: Sequence[str]) -> list[dict[str, Any]] | None:
    """Entries of pip's installation report: what it would fetch. None where it finds no solution."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        if not pip(["--dry-run", "--quiet", "--report", str(report), *requirements], source):
            return None
        entries: list[dict[str, Any]] = json.loads(report.read_text())["install"]
        return entries


def installed_version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def is_installed(requirement: str) -> bool:
    name, _, version = requirement.partition("==")
    return (installed_version(name) or "").partition("+")[0] == version


def unmet_requirements(requirements: Sequence[str]) -> list[dict[str, str | None]]:
    """Those that the environment lacks or has in another version."""
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return [{"requirement": "packaging", "installed": None}]
    unmet: list[dict[str, str | None]] = []
    for text in requirements:
        requirement = Requirement(text)
        version = installed_version(requirement.name)
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            unmet.append({"requirement": text, "installed": version})
    return unmet


def name_of(entry: dict[str, Any]) -> str:
    return re.sub(r"[-_.]+", "-", entry["metadata"]["name"]).lower()


def size_of(entry: dict[str, Any]) -> int | None:
    """Bytes of the file that pip would fetch; None where its server does not say."""
    address = urllib.parse.urlsplit(entry["download_info"]["url"])
    if address.scheme == "file":
        return os.path.getsize(urllib.parse.unquote(address.path))
    try:
        request = urllib.request.Request(address.geturl(), method="HEAD")
        with urllib.request.urlopen(request, timeout=15) as answer:
            length = answer.headers["Content-Length"]
            return int(length) if length else None
    except (OSError, ValueError):
        return None


def print_plan(entries: Sequence[dict[str, Any]]) -> None:
    with ThreadPoolExecutor(8) as threads:
        sizes = list(threads.map(size_of, entries))
    rows = [
        {"name": name_of(entry), "version": entry["metadata"]["version"], "bytes": size}
        for entry, size in zip(entries, sizes, strict=True)
    ]
    print(f"plan: {json.dumps(rows)}", flush=True)


def install_torch(requirement: str, source: Sequence[str], from_cpu_index: bool) -> int:
    if from_cpu_index and pip([*QUICK, "--index-url", CPU_INDEX, requirement], []):
        return 0
    cuda = [name_of(entry) for entry in resolved([requirement], source) or []]
    cuda = [name for name in cuda if CUDA_PACKAGES.match(name)]
    if cuda:
        version = ".".join(map(str, sys.version_info[:3]))
        print(
            f"only a CUDA build of {requirement} was found for CPython {version}: {len(cuda)} CUDA packages"
        )
        return NO_CPU_TORCH
    return 0 if pip([requirement], source) else 1


def install(requirements: Sequence[str], source: Sequence[str], offline: bool, dry_run: bool) -> int:
    """Tells what will be fetched and, unless that is all, installs it; returns the exit code."""
    torch = next((one for one in requirements if one.startswith("torch==") and not is_installed(one)), None)
    cpu_torch = None
    if torch and not offline:
        print(f"note: looking for the CPU build of {torch}", flush=True)
        cpu_torch = resolved([*QUICK, "--index-url", CPU_INDEX, torch], [])
    print("note: asking what must be fetched", flush=True)
    entries = resolved(requirements, source)
    if entries is not None:
        if cpu_torch:
            others = [one for one in entries if not CUDA_PACKAGES.match(name_of(one))]
            entries = cpu_torch + [one for one in others if name_of(one) != "torch"]
        print_plan(entries)
    if dry_run:
        return 0 if entries is not None else 1
    if torch:
        code = install_torch(torch, source, bool(cpu_torch))
        if code:
            return code
    return 0 if pip(requirements, source) else 1


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--extras", default="")
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("--wheels")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()

    extras = [extra for extra in options.extras.split(",") if extra]
    requirements = wanted_requirements(options.project, extras)
    if options.check:
        print(json.dumps(unmet_requirements(requirements)))
        return 0
    source = ["--constraint", str(options.project / "requirements.lock")]
    if options.offline:
        source.append("--no-index")
    if options.wheels:
        source += ["--find-links", options.wheels]
    return install(requirements, source, options.offline, options.dry_run)


if __name__ == "__main__":
    sys.exit(main())
