from __future__ import annotations

import plistlib
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fluorite.automation.schedule.cron import line_of, with_block, without_block
from fluorite.automation.schedule.launchd import agent_of
from fluorite.automation.schedule.systemd import quoted, service_unit, timer_unit, unquoted
from fluorite.automation.schedule.values import Task

WORDS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
LINES = st.text(st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]), max_size=20)
TABLES = st.lists(LINES).map(lambda lines: "".join(f"{line}\n" for line in lines))


@given(TABLES, st.lists(WORDS, min_size=1, max_size=4), st.integers(0, 23), st.integers(0, 59))
def test_whatever_else_a_crontab_holds_comes_back_byte_for_byte(
    table: str, words: list[str], hour: int, minute: int
) -> None:
    assume(len(" ".join(words).encode()) < 200)
    with_task = with_block(table, Task(hour, minute, tuple(words)))
    assert with_task.startswith(table)
    assert without_block(with_task) == table
    assert with_block(with_task, Task(hour, minute, tuple(words))) == with_task


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_cron_and_its_shell_give_the_words_back(words: list[str]) -> None:
    assume(len(" ".join(words).encode()) < 200)
    command = line_of(Task(0, 0, tuple(words))).split(" ", 5)[5]
    assert "%" not in command.replace(r"\%", "")
    assert shlex.split(command.replace(r"\%", "%")) == words


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_a_units_words_come_back(words: list[str]) -> None:
    assert unquoted(" ".join(map(quoted, words))) == words


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_an_agent_is_a_property_list_that_gives_the_words_back(words: list[str]) -> None:
    data = plistlib.dumps(agent_of(Task(1, 2, tuple(words), (("FLUORITE_X", words[0]),))))
    read = plistlib.loads(data)
    assert (read["ProgramArguments"], read["EnvironmentVariables"]) == (words, {"FLUORITE_X": words[0]})


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_itself_accepts_the_units(tmp_path: Path) -> None:
    node = tmp_path / "50% node $HOME"
    shutil.copy("/bin/true", node)
    task = Task(
        2, 0, (str(node), "a b", "50%", "$HOME", 'q"q', "back\\slash", "日本"), (("FLUORITE_X", "1% $x"),)
    )
    service, timer = (
        tmp_path / "fluorite-memory-auto-learn.service",
        tmp_path / "fluorite-memory-auto-learn.timer",
    )
    service.write_text(service_unit(task))
    timer.write_text(timer_unit(task))
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(service), str(timer)],
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in verified.stderr.splitlines() if "fluorite-memory" in line]
    assert (verified.returncode, told) == (0, []), verified.stderr
    elapse = subprocess.run(
        ["systemd-analyze", "calendar", "*-*-* 02:00:00"], capture_output=True, text=True, check=True
    )
    assert "*-*-* 02:00:00" in elapse.stdout
