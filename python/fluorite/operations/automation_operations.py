"""Learning by itself, and its daily schedule."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..context import CallContext
from ..errors import InvalidArgument, InvalidConfiguration
from ..operation import operation
from ..search.options import check_flag
from .base import check_text, check_texts
from .learning_operations import LearningOperations
from .logged import logged
from .sharing_operations import SharingOperations

if TYPE_CHECKING:
    from ..automation.run import Work
    from ..automation.sources import LearnAs


class AutomationOperations(LearningOperations, SharingOperations):
    """What runs without anybody asking."""

    @operation("background")
    @logged
    def auto_learn(
        self,
        context: CallContext,
        sources_path: str | None = None,
        commit: object = False,
        repository: str | None = None,
        wait: object = False,
        dry_run: object = False,
    ) -> dict[str, Any]:
        """Collects, learns, exports, trains and commits; see automation/run.py."""
        from ..automation.run import describe_plan, plan_of, run_plan
        from ..automation.state_folder import StateFolder

        settings = self._settings.auto_learn
        plan = plan_of(
            memory=self._memory.path,
            templates=self._settings.spike_templates_path,
            sources_path=_path("sources_path", sources_path, settings.sources_path),
            repository=_path("repository", repository, settings.repository),
            commit=check_flag("commit", commit),
            settings=settings,
            state=StateFolder(self._state_path()),
        )
        waits = check_flag("wait", wait)
        if check_flag("dry_run", dry_run):
            return asdict(describe_plan(plan))
        return asdict(run_plan(plan, self._work(), waits, context))

    @operation("background")
    def get_schedule(self, _context: CallContext) -> dict[str, Any]:
        """The daily run that is set up; see automation/schedule/installation.py."""
        from ..automation.schedule.installation import read_schedule

        return asdict(read_schedule())

    @operation("background")
    def set_schedule(
        self,
        _context: CallContext,
        program: object = None,
        time: str | None = None,
        kind: str | None = None,
        dry_run: object = False,
    ) -> dict[str, Any]:
        """Sets up the daily run of `program`, the words of the command line's own program."""
        from ..automation.schedule.installation import install_schedule
        from ..automation.schedule.task import auto_learn_task

        task = auto_learn_task(
            program=check_texts("program", program),
            time=self._settings.schedule.time if time is None else time,
            settings=self._settings,
            environment=os.environ,
        )
        return asdict(install_schedule(task, kind, check_flag("dry_run", dry_run)))

    @operation("background")
    def remove_schedule(self, _context: CallContext, dry_run: object = False) -> dict[str, Any]:
        """Removes the daily run."""
        from ..automation.schedule.installation import remove_schedule

        return asdict(remove_schedule(check_flag("dry_run", dry_run)))

    def _work(self) -> Work:
        from ..automation.run import Work

        def export(folder: Path, context: CallContext) -> dict[str, Any]:
            return self.export_chunks(context, str(folder))

        return Work(self._learn_as, export, self.train_retrieval if self._settings.ml.enable_ml else None)

    def _learn_as(self, learn_as: LearnAs, folder: Path, context: CallContext) -> dict[str, Any]:
        """Learns a folder without training, which a run does once at its end."""
        from ..learning.sources.code_folder import learn_code
        from ..learning.sources.documents import learn_documents

        if learn_as == "spikes":
            return self._learn_templates(folder, context, trains=False)
        learn = learn_documents if learn_as == "documents" else learn_code
        return self._learn(learn, str(folder), context, trains=False)

    def _state_path(self) -> Path:
        folder = self._settings.privacy.state_path
        if folder is None:
            raise InvalidConfiguration(
                "autoLearn needs a folder for what it collects, and you have no home folder. "
                "Set FLUORITE_STATE_DIR to a folder outside of every repository."
            )
        return folder


def _path(name: str, given: str | None, configured: Path | None) -> Path | None:
    """A path that an option gives, else the settings. Raises InvalidArgument."""
    if given is None:
        return configured
    text = check_text(name, given)
    if not text.strip() or "\0" in text:
        raise InvalidArgument(f"{name} is {text!r}. Give a path.")
    return Path(text).expanduser().absolute()
