"""cli/setup/python_environment.py, run as set-up runs it, with packages made here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

INSTALLER = Path(__file__).parents[2] / "cli" / "setup" / "python_environment.py"


def make_wheel(folder: Path, name: str, version: str, requires: str = "") -> Path:
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    if requires:
        metadata += f"Requires-Dist: {requires}\n"
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{name}.py", f"VERSION = {version!r}\n")
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return wheel


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an empty environment."""
    venv = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    return venv / "bin" / "python3"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["alpha>=1,<2"]\noptional-dependencies = { export = ["gamma==3.0"] }\n'
    )
    (tmp_path / "requirements.lock").write_text("alpha==1.1\nbeta==2.0\n")
    return tmp_path


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels with spaces"
    folder.mkdir()
    make_wheel(folder, "alpha", "1.0", "beta")
    make_wheel(folder, "alpha", "1.1", "beta")
    make_wheel(folder, "beta", "2.0")
    return folder


def run(program: Path, project: Path, *arguments: object, **environment: str) -> tuple[int, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    done = subprocess.run(
        [program, INSTALLER, "--project", project, *map(str, arguments)],
        env={**inherited, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def plan_of(output: str) -> list[dict[str, Any]]:
    (line,) = (line for line in output.splitlines() if line.startswith("plan: "))
    rows: list[dict[str, Any]] = json.loads(line.removeprefix("plan: "))
    return sorted(rows, key=lambda row: str(row["name"]))


def test_a_plan_names_versions_and_sizes_and_installs_nothing(
    program: Path, project: Path, wheels: Path
) -> None:
    code, output = run(program, project, "--offline", "--wheels", wheels, "--dry-run")
    assert code == 0, output
    size = (wheels / "alpha-1.1-py3-none-any.whl").stat().st_size
    assert [(row["name"], row["version"]) for row in plan_of(output)] == [("alpha", "1.1"), ("beta", "2.0")]
    assert plan_of(output)[0]["bytes"] == size
    code, output = run(program, project, "--check")
    assert json.loads(output) == [{"requirement": "packaging", "installed": None}]


def test_a_folder_of_wheels_is_enough(program: Path, project: Path, wheels: Path) -> None:
    code, output = run(program, project, "--offline", "--wheels", wheels)
    assert code == 0, output
    subprocess.run([program, "-c", "import alpha, beta; assert alpha.VERSION == '1.1'"], check=True)
    code, output = run(program, project, "--offline", "--wheels", wheels)
    assert (code, plan_of(output)) == (0, [])


def test_what_is_missing_fails_with_the_reason(program: Path, project: Path, wheels: Path) -> None:
    code, output = run(program, project, "--extras", "export", "--offline", "--wheels", wheels)
    assert code == 1
    assert "No matching distribution found for gamma==3.0" in output


@pytest.fixture
def proxy(wheels: Path) -> Iterator[tuple[str, list[str]]]:
    """A proxy's address, and the absolute addresses asked of it; it answers for http://packages.invalid."""
    asked: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def answer(self) -> bytes:
            asked.append(f"{self.command} {self.path}")
            name = self.path.removeprefix("http://packages.invalid/simple/").strip("/")
            if name.endswith(".whl"):
                body = (wheels / name.partition("/")[2]).read_bytes()
            else:
                links = "".join(f'<a href="{file.name}">{file.name}</a>' for file in wheels.glob(f"{name}-*"))
                body = f"<!DOCTYPE html><html><body>{links}</body></html>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            return body

        def do_GET(self) -> None:
            self.wfile.write(self.answer())

        def do_HEAD(self) -> None:
            self.answer()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_packages_and_their_sizes_come_through_the_proxy(
    program: Path, project: Path, wheels: Path, proxy: tuple[str, list[str]]
) -> None:
    address, asked = proxy
    environment = {
        "HTTP_PROXY": address,
        "http_proxy": address,
        "NO_PROXY": "",
        "no_proxy": "",
        "PIP_INDEX_URL": "http://packages.invalid/simple/",
        "PIP_TRUSTED_HOST": "packages.invalid",
        "PIP_FORCE_REINSTALL": "1",
    }
    code, output = run(program, project, "--dry-run", **environment)
    assert code == 0, output
    sizes = {row["name"]: row["bytes"] for row in plan_of(output)}
    assert sizes == {
        "alpha": (wheels / "alpha-1.1-py3-none-any.whl").stat().st_size,
        "beta": (wheels / "beta-2.0-py3-none-any.whl").stat().st_size,
    }
    assert "HEAD http://packages.invalid/simple/alpha/alpha-1.1-py3-none-any.whl" in asked
