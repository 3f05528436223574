from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from fluorite.context import CallContext, Progress
from fluorite.errors import Cancelled, InvalidArgument, PathNotFound
from fluorite.learning import LearningReport, learn_spikes
from fluorite.settings import LearningSettings
from fluorite.store import ChunkStore

CODE = "export const handler = async (event) => reply(parse(event.body), { status: 201, headers });"


def write(
    folder: Path, name: str, description: str = "Replies to posted events.", stack: str = "hono"
) -> None:
    folder.mkdir(exist_ok=True)
    value = {
        "id": name,
        "stack": [stack],
        "description": description,
        "files": [{"path": "src/handler.ts", "template": f"// {name}\n{CODE}"}],
    }
    (folder / f"{name}.json").write_text(json.dumps(value))


def learn(
    folder: Path,
    store: ChunkStore,
    settings: LearningSettings | None = None,
    context: CallContext | None = None,
) -> LearningReport:
    return learn_spikes(folder, store, lambda _: 0, settings or LearningSettings(), context or CallContext())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "spikes"
    for number in range(5):
        write(folder, f"spike-{number}")
    return folder


def test_a_second_run_over_unchanged_files_reads_and_writes_nothing(store: ChunkStore, folder: Path) -> None:
    first = learn(folder, store)
    sequence = store.sequence()
    second = learn(folder, store)
    assert (first.new, first.chunks_stored, second.processed, second.unchanged) == (5, 10, 0, 5)
    assert store.sequence() == sequence


def test_a_changed_file_replaces_its_chunks_and_only_those(store: ChunkStore, folder: Path) -> None:
    learn(folder, store)
    write(folder, "spike-1", "Now says something else.")
    report = learn(folder, store)
    assert (report.processed, report.changed, report.unchanged, report.chunks_stored) == (1, 1, 4, 1)
    (chunk,) = store.get(["spike-1"])
    assert chunk is not None and "something else" in str(chunk.content)


def test_a_touched_file_with_the_same_content_counts_as_unchanged(store: ChunkStore, folder: Path) -> None:
    learn(folder, store)
    os.utime(folder / "spike-2.json", ns=(1, 1))
    report = learn(folder, store)
    assert (report.processed, report.changed, report.unchanged, report.chunks_stored) == (1, 0, 5, 0)


def test_a_deleted_file_takes_its_chunks_along(store: ChunkStore, folder: Path) -> None:
    learn(folder, store)
    (folder / "spike-3.json").unlink()
    report = learn(folder, store)
    assert (report.removed, report.chunks_removed, store.count()) == (1, 2, 8)
    assert store.get(["spike-3", "spike-3#src/handler.ts"]) == [None, None]


def test_a_file_that_leaves_its_template_takes_its_chunk_along(store: ChunkStore, folder: Path) -> None:
    learn(folder, store)
    (folder / "spike-4.json").write_text(json.dumps({"id": "spike-4", "files": []}))
    report = learn(folder, store)
    assert (report.changed, report.chunks_removed) == (1, 1)
    assert store.get(["spike-4#src/handler.ts"]) == [None]


def test_a_chunk_that_the_user_stored_under_a_templates_id_is_not_removed_with_it(
    store: ChunkStore, folder: Path
) -> None:
    from fluorite.chunk import Chunk

    learn(folder, store)
    store.put([Chunk("spike-0", "my own")])
    (folder / "spike-0.json").unlink()
    learn(folder, store)
    (chunk,) = store.get(["spike-0"])
    assert chunk is not None and chunk.content == "my own"


def test_malformed_files_are_reported_in_every_run_and_stop_nothing(store: ChunkStore, folder: Path) -> None:
    (folder / "broken.json").write_text('{"id": "broken",\n "files": [[[ oops')
    (folder / "mended.json").write_text('{"id": "mended" "files": []}')
    first, second = learn(folder, store), learn(folder, store)
    assert first.repaired == ["mended.json"] and second.processed == 0
    for report in (first, second):
        assert [(item.file, item.line) for item in report.malformed] == [("broken.json", 2)]
    write(folder, "broken")
    assert learn(folder, store).malformed == []


def test_two_files_with_one_id_report_the_second(store: ChunkStore, folder: Path) -> None:
    (folder / "zz-copy.json").write_text((folder / "spike-0.json").read_text())
    (malformed,) = learn(folder, store).malformed
    assert malformed.file == "zz-copy.json" and "spike-0.json" in malformed.reason


def test_the_second_of_two_files_with_one_id_is_learned_once_the_first_is_gone(
    store: ChunkStore, folder: Path
) -> None:
    (folder / "zz-copy.json").write_text((folder / "spike-0.json").read_text())
    learn(folder, store)
    (folder / "spike-0.json").unlink()
    report = learn(folder, store)
    assert (report.removed, report.malformed) == (1, [])
    (template,) = store.get(["spike-0"])
    assert template is not None and template.metadata["source"] == "zz-copy.json"


def test_target_frameworks_select_templates_and_a_change_of_them_is_followed(
    store: ChunkStore, folder: Path
) -> None:
    write(folder, "other", stack="Laravel")
    only = learn(folder, store, LearningSettings(target_frameworks=("laravel",)))
    assert (only.skipped, store.count()) == (5, 2)
    everything = learn(folder, store)
    assert (everything.skipped, store.count()) == (0, 12)
    again = learn(folder, store, LearningSettings(target_frameworks=("laravel",)))
    assert (again.skipped, store.count()) == (5, 2)


def test_without_incremental_learning_every_file_is_read_again(store: ChunkStore, folder: Path) -> None:
    learn(folder, store)
    report = learn(
        folder, store, LearningSettings(enable_incremental_learning=False, parallel_processing=False)
    )
    assert (report.processed, report.chunks_stored) == (5, 0)


def test_a_cancelled_run_keeps_what_it_stored_and_the_next_goes_on(
    store: ChunkStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fluorite.learning.templates.spikes.FILES_PER_WRITE", 2)
    monkeypatch.setattr("fluorite.context.SECONDS_BETWEEN_REPORTS", 0)
    told: list[tuple[int, int]] = []

    def tell(progress: Progress) -> None:
        told.append((progress.done, progress.total))
        if progress.done == 2:
            context.cancel()

    context = CallContext(tell)
    with pytest.raises(Cancelled):
        learn(folder, store, context=context)
    assert told == [(0, 5), (2, 5)]
    assert store.count() == 8
    report = learn(folder, store)
    assert (report.processed, report.unchanged, store.count()) == (1, 4, 10)


def test_a_folder_that_is_not_there_or_a_file_is_named(store: ChunkStore, tmp_path: Path) -> None:
    with pytest.raises(PathNotFound, match="nowhere"):
        learn(tmp_path / "nowhere", store)
    (tmp_path / "file.json").write_text("{}")
    with pytest.raises(InvalidArgument, match=r"file\.json"):
        learn(tmp_path / "file.json", store)


def test_folders_below_are_read_and_hidden_ones_are_not(store: ChunkStore, folder: Path) -> None:
    write(folder / "deeper", "nested")
    write(folder / ".git", "hidden")
    learn(folder, store)
    assert [chunk is not None for chunk in store.get(["nested", "hidden"])] == [True, False]


def test_a_run_counts_what_it_stored_and_one_over_unchanged_files_counts_nothing(
    store: ChunkStore, folder: Path
) -> None:
    write(folder, "copy-of-0", stack="next.js")
    (folder / "copy-of-0.json").write_text(
        json.dumps(
            {
                "id": "copy-of-0",
                "stack": ["next.js", "hono"],
                "files": [{"path": "src/handler.ts", "template": f"// spike-0\n{CODE}"}],
            }
        )
    )
    report, again = learn(folder, store), learn(folder, store)
    assert report.patterns_by_type == {"template": 6, "template-file": 6}
    assert report.duplicates == 1
    assert [(one.frameworks, one.count) for one in report.framework_combinations] == [(("hono", "nextjs"), 1)]
    assert sum(report.quality_histogram) == report.chunks_stored == 12
    assert (again.duplicates, again.patterns_by_type, again.framework_combinations) == (0, {}, [])
    assert again.quality_histogram == [0] * 10
    assert report.seconds.keys() == {"scan", "read_and_store", "embed", "measure", "total"}
