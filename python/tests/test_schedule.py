from __future__ import annotations

import os
import plistlib
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from fluorite.automation.schedule.cron import BEGIN, END, line_of
from fluorite.automation.schedule.installation import (
    SCHEDULERS,
    install_schedule,
    read_schedule,
    remove_schedule,
)
from fluorite.automation.schedule.launchd import LABEL
from fluorite.automation.schedule.task import auto_learn_task
from fluorite.automation.schedule.values import Task, parse_time
from fluorite.errors import InvalidArgument, SchedulerError
from fluorite.settings import Settings

PROGRAM = ("/opt/my node/bin/node", '/home/a/50% "done" $HOME/cli/main.js')
TASK = Task(2, 0, (*PROGRAM, "auto-learn", "--quiet"), (("FLUORITE_STATE_DIR", "/home/a/100% state"),))
OTHERS = "# my own\nMAILTO=me@example.com\n\n*/5 * * * * echo 'a\\%b' >> /tmp/日本語 \n@daily  x\n"

Fakes = Callable[..., Path]


@pytest.fixture
def fakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fakes:
    """Puts programs on an otherwise empty PATH that log their arguments, and a home of its own. crontab keeps
    its table in a file; systemctl and launchctl keep whether the unit is on."""
    home, programs = tmp_path / "home", tmp_path / "programs"
    home.mkdir()
    programs.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", "")
    monkeypatch.setenv("PATH", str(programs))
    scripts = {
        "crontab": (
            'case "$1" in\n'
            '-l) [ -f "$table" ] || { echo "no crontab for me" >&2; exit 1; }; /bin/cat "$table";;\n'
            '-) /bin/cat > "$table";;\n'
            '-r) /bin/rm "$table";;\nesac'
        ),
        "systemctl": (
            'case "$2" in\n'
            'is-enabled) [ -f "$on" ] && echo enabled || { echo disabled; exit 1; };;\n'
            'enable) echo > "$on";;\n'
            'disable) /bin/rm -f "$on";;\nesac'
        ),
        "launchctl": (
            'case "$1" in\nprint) [ -f "$on" ];;\nbootstrap) echo > "$on";;\nbootout) /bin/rm "$on";;\nesac'
        ),
    }

    def put(*names: str) -> Path:
        for name in names:
            file = programs / name
            head = f"#!/bin/sh\ntable='{tmp_path}/table'\non='{tmp_path}/{name}.on'\n"
            file.write_text(f'{head}echo "{name} $*" >> "{tmp_path}/log"\n{scripts[name]}\n')
            file.chmod(0o755)
        return tmp_path

    return put


def log(base: Path) -> list[str]:
    asking = (
        "crontab -l",
        "systemctl --user is-enabled",
        "systemctl --user show-environment",
        "launchctl print",
    )
    lines = (base / "log").read_text().splitlines() if (base / "log").exists() else []
    return [line for line in lines if not line.startswith(asking)]


def test_a_time_is_hours_and_minutes() -> None:
    assert (parse_time("02:00"), parse_time("23:59")) == ((2, 0), (23, 59))
    for wrong in ("2:00", "24:00", "02:60", "02:00 ", "", None, 2, "０２:００"):
        with pytest.raises(InvalidArgument, match="'00:00' to '23:59'"):
            parse_time(wrong)


def test_cron_is_set_up_shown_changed_and_removed_and_other_lines_stay(fakes: Fakes) -> None:
    base = fakes("crontab")
    (base / "table").write_bytes(OTHERS.encode() + b"# \xff\n")
    told = install_schedule(TASK, None, False)
    assert (told.kind, told.changed, told.commands) == ("cron", True, [["crontab", "-"]])
    table = (base / "table").read_bytes()
    assert table == OTHERS.encode() + b"# \xff\n" + f"{BEGIN}\n{line_of(TASK)}\n{END}\n".encode()

    shown = read_schedule()
    assert (shown.kind, shown.installed, shown.time, shown.command) == ("cron", True, "02:00", TASK.command)
    again = install_schedule(TASK, None, False)
    assert (again.changed, again.commands) == (False, [])
    assert install_schedule(replace(TASK, hour=3, minute=30), None, False).changed
    assert read_schedule().time == "03:30"
    assert (base / "table").read_text(errors="replace").count(BEGIN) == 1
    assert remove_schedule(False).changed
    assert (base / "table").read_bytes() == OTHERS.encode() + b"# \xff\n"
    assert (read_schedule().kind, remove_schedule(False).changed) == (None, False)


def test_a_crontab_that_held_nothing_else_is_removed(fakes: Fakes) -> None:
    base = fakes("crontab")
    install_schedule(TASK, "cron", False)
    assert remove_schedule(False).commands == [["crontab", "-r"]]
    assert not (base / "table").exists()


def test_a_dry_run_tells_exactly_what_is_then_done(fakes: Fakes) -> None:
    base = fakes("crontab", "systemctl", "launchctl")
    (base / "table").write_text(OTHERS)
    for kind in SCHEDULERS:
        told = install_schedule(TASK, kind, True)
        before = log(base)
        done = install_schedule(TASK, kind, False)
        assert asdict(told) == asdict(done)
        assert log(base)[len(before) :] == [" ".join(command) for command in told.commands]
        for file in told.files:
            kept = base / "table" if file.path == "crontab" else Path(file.path)
            assert kept.read_text() == file.content or kind == "launchd"
        going = remove_schedule(True)
        assert read_schedule().installed
        assert asdict(going) == asdict(remove_schedule(False))
    assert (base / "table").read_text() == OTHERS


def test_another_kind_takes_the_place_of_the_one_before(fakes: Fakes) -> None:
    base = fakes("crontab", "systemctl")
    install_schedule(TASK, "cron", False)
    told = install_schedule(TASK, "systemd", False)
    assert ["crontab", "-r"] in told.commands
    assert not (base / "table").exists()
    assert (read_schedule().kind, read_schedule().installed) == ("systemd", True)
    assert install_schedule(replace(TASK, hour=5), None, False).kind == "systemd"


def test_systemd_is_set_up_shown_and_removed(fakes: Fakes) -> None:
    base = fakes("systemctl")
    told = install_schedule(TASK, None, False)
    units = base / "home" / ".config" / "systemd" / "user"
    assert sorted(file.name for file in units.iterdir()) == [
        "fluorite-memory-auto-learn.service",
        "fluorite-memory-auto-learn.timer",
    ]
    assert log(base) == [
        "systemctl --user daemon-reload",
        "systemctl --user enable --now fluorite-memory-auto-learn.timer",
    ]
    assert told.changed
    shown = read_schedule()
    assert (shown.installed, shown.time, shown.command) == (True, "02:00", TASK.command)
    assert install_schedule(TASK, None, False).changed is False
    (base / "systemctl.on").unlink()
    assert read_schedule().installed is False
    assert install_schedule(TASK, None, False).changed
    remove_schedule(False)
    assert list(units.iterdir()) == []
    assert read_schedule().kind is None


def test_what_the_scheduler_refuses_is_told_and_taken_back(fakes: Fakes) -> None:
    base = fakes("systemctl")
    program = base / "programs" / "systemctl"
    refusing = program.read_text().replace(
        "enable) echo", "enable) echo 'Failed to connect to bus' >&2; exit 1; echo"
    )
    program.write_text(refusing)
    with pytest.raises(SchedulerError, match=r"enable --now .* failed: Failed to connect to bus"):
        install_schedule(TASK, "systemd", False)
    assert list((base / "home" / ".config" / "systemd" / "user").iterdir()) == []


def test_launchd_is_set_up_shown_and_removed(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    base = fakes("launchctl", "crontab")
    monkeypatch.setattr("sys.platform", "darwin")
    told = install_schedule(TASK, None, False)
    file = base / "home" / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    domain = f"gui/{os.getuid()}"
    assert told.commands == [["launchctl", "bootstrap", domain, str(file)]]
    assert plistlib.loads(file.read_bytes()) == {
        "Label": LABEL,
        "ProgramArguments": list(TASK.command),
        "StartCalendarInterval": {"Hour": 2, "Minute": 0},
        "EnvironmentVariables": {"FLUORITE_STATE_DIR": "/home/a/100% state"},
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "RunAtLoad": False,
    }
    shown = read_schedule()
    assert (shown.kind, shown.installed, shown.time, shown.command) == (
        "launchd",
        True,
        "02:00",
        TASK.command,
    )
    assert install_schedule(TASK, None, False).changed is False
    moved = install_schedule(replace(TASK, hour=4), None, False)
    assert moved.commands[0] == ["launchctl", "bootout", f"{domain}/{LABEL}"]
    remove_schedule(False)
    assert (file.exists(), read_schedule().kind) == (False, None)


def test_where_there_is_no_scheduler_that_is_said(fakes: Fakes) -> None:
    fakes()
    with pytest.raises(SchedulerError, match="neither a user's systemd nor cron"):
        install_schedule(TASK, None, False)
    with pytest.raises(SchedulerError, match=r"no crontab on the PATH\. Install it"):
        install_schedule(TASK, "cron", False)
    with pytest.raises(InvalidArgument, match=r"kind is 'at'\. Give one of 'systemd', 'launchd', 'cron'"):
        install_schedule(TASK, "at", False)
    assert (read_schedule().kind, remove_schedule(False).changed) == (None, False)


@pytest.mark.parametrize("table", [f"{BEGIN}\n", f"{END}\n", f"{BEGIN}\nx\n{END}\n{BEGIN}\ny\n{END}\n"])
def test_a_damaged_block_is_left_to_its_owner(fakes: Fakes, table: str) -> None:
    base = fakes("crontab")
    (base / "table").write_text(OTHERS + table)
    with pytest.raises(SchedulerError, match=r"is damaged.*crontab -e"):
        install_schedule(TASK, "cron", False)
    with pytest.raises(SchedulerError, match=r"is damaged.*crontab -e"):
        remove_schedule(False)
    assert (base / "table").read_text() == OTHERS + table


def test_a_block_that_somebody_rewrote_is_shown_as_far_as_it_is_understood(fakes: Fakes) -> None:
    base = fakes("crontab")
    (base / "table").write_text(f"{BEGIN}\n@weekly it\n{END}\n")
    assert (read_schedule().installed, read_schedule().time) == (True, None)
    install_schedule(TASK, None, False)
    assert read_schedule().time == "02:00"


def test_the_task_takes_along_what_a_scheduler_does_not_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    environment = {
        "FLUORITE_STATE_DIR": "state",
        "FLUORITE_PYTHON": "./bin/python3",
        "FLUORITE_BATCH_SIZE": "8",
        "FLUORITE_MEMORY_PATH": "other",
        "HOME": "/home/a",
    }
    settings = Settings(Path("/memory"), spike_templates_path=Path("/spikes"), config_path=Path("/x/f.toml"))
    task = auto_learn_task(["/usr/bin/node", "/x/cli/main.js"], "02:00", settings, environment)
    assert task.command == (
        *("/usr/bin/node", "/x/cli/main.js", "auto-learn", "--quiet"),
        *("--memory", "/memory", "--config", "/x/f.toml"),
    )
    assert dict(task.environment) == {
        "FLUORITE_STATE_DIR": str(tmp_path / "state"),
        "FLUORITE_PYTHON": str(tmp_path / "bin" / "python3"),
        "FLUORITE_BATCH_SIZE": "8",
        "FLUORITE_SPIKE_TEMPLATES_PATH": "/spikes",
    }
    git = tmp_path / "git"
    git.write_text("#!/bin/sh\n")
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    unusual = auto_learn_task(["/n"], "02:00", Settings(Path("/m")), {})
    assert dict(unusual.environment) == {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    with pytest.raises(InvalidArgument, match="absolute paths"):
        auto_learn_task(["node", "main.js"], "02:00", Settings(Path("/m")), {})
    with pytest.raises(InvalidArgument, match="control character"):
        install_schedule(Task(2, 0, ("/a\nb",)), "cron", True)
