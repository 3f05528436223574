"""A memory with spike templates and sources, for the tests of automatic learning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.git_world import repository, write

from fluorite.automation.report import AutoLearnReport
from fluorite.automation.run import Plan, Work, run_plan
from fluorite.automation.sources import read_sources
from fluorite.automation.state_folder import StateFolder
from fluorite.context import CallContext
from fluorite.learning import learn_spikes
from fluorite.learning.sharing.exported import export_chunks
from fluorite.learning.sources.code_folder import learn_code
from fluorite.learning.sources.documents import learn_documents
from fluorite.settings import AutoLearnSettings, LearningSettings
from fluorite.store import ChunkStore

SETTINGS = AutoLearnSettings(delay_seconds=0, timeout_seconds=5)
TEMPLATE = (
    '{"id": "hono-route", "name": "Route", "stack": ["hono"],'
    ' "files": [{"path": "a.ts", "template": "app.get()"}]}'
)


class World:
    """A memory with its sources. `learned` notes what was asked of learning, in order; `before_learning` may
    raise."""

    def __init__(self, base: Path, store: ChunkStore) -> None:
        self.base = base
        self.store = store
        self.state = StateFolder(base / "state")
        self.learned: list[tuple[str, str]] = []
        self.before_learning: Callable[[str, Path], None] = lambda _as, _folder: None
        write(
            base,
            {"spikes/hono-route.json": TEMPLATE, "notes/guide.md": "# Signing in\n\nProtect each route.\n"},
        )
        repository(base / "origin", {"src/orders.ts": "export function listOrders() { return db.all(); }\n"})
        self.sources(
            f'[[folders]]\nname = "notes"\npath = "notes"\nlearn = ["documents"]\n'
            f'[[repositories]]\nname = "orders"\nurl = "file://{base}/origin"\nlearn = ["code"]\n'
        )

    def sources(self, text: str) -> None:
        (self.base / "sources.toml").write_text(text)

    def plan(self, **given: Any) -> Plan:
        return Plan(
            memory=self.base / "memory",
            templates=given.pop("templates", self.base / "spikes"),
            sources=tuple(read_sources(self.base / "sources.toml")),
            repository=given.pop("repository", None),
            commit=given.pop("commit", False),
            settings=SETTINGS,
            state=self.state,
        )

    def run(self, context: CallContext | None = None, wait: bool = False, **given: Any) -> AutoLearnReport:
        return run_plan(self.plan(**given), self.work(), wait, context or CallContext())

    def work(self) -> Work:
        methods: dict[str, Any] = {"spikes": learn_spikes, "documents": learn_documents, "code": learn_code}

        def learn(learn_as: str, folder: Path, context: CallContext) -> dict[str, Any]:
            self.before_learning(learn_as, folder)
            self.learned.append((learn_as, folder.name))
            return asdict(methods[learn_as](folder, self.store, lambda _: 0, LearningSettings(), context))

        def export(folder: Path, context: CallContext) -> dict[str, Any]:
            return asdict(export_chunks(folder, self.store, context))

        return Work(learn, export, None)


def statuses(report: AutoLearnReport) -> dict[str, str]:
    return {step.name: step.status for step in report.steps}


def reasons(report: AutoLearnReport) -> dict[str, str | None]:
    return {step.name: step.reason for step in report.steps}
