from __future__ import annotations

from pathlib import Path

import pytest

from fluorite.errors import InvalidArgument, InvalidConfiguration, PathNotFound, UnknownOption
from fluorite.settings import resolve


def configured(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "fluorite.toml"
    file.write_text(text)
    return {"memory_path": str(tmp_path / "memory"), "config_path": str(file)}


def test_the_seed_configuration_is_read_and_options_win(tmp_path: Path) -> None:
    options = configured(
        tmp_path,
        "[memory]\ncache_size_mb = 512\nenable_compression = true\nmax_chunk_size = 1048576  # 1MB\n"
        "[learning]\nquality_threshold = 0.7\nbatch_size = 32\nparallel_processing = true\n"
        '[ml]\nembedding_model = "all-MiniLM-L6-v2"\ncpu_only = true\nnum_threads = 8\n',
    )
    settings = resolve({**options, "batch_size": 8})
    assert (settings.memory.cache_size_mb, settings.learning.batch_size, settings.ml.num_threads) == (
        512,
        8,
        8,
    )


def test_options_of_null_count_as_not_given(tmp_path: Path) -> None:
    settings = resolve({"memory_path": str(tmp_path), "models_path": None, "batch_size": None})
    assert (settings.models_path, settings.learning.batch_size) == (None, 32)


def test_memory_path_is_required() -> None:
    with pytest.raises(InvalidArgument, match=r"needs memory_path.*memory_path: '\./memory'"):
        resolve({})


def test_an_unknown_option_is_rejected_with_the_nearest() -> None:
    with pytest.raises(UnknownOption, match=r"'memorypath'\. Did you mean 'memory_path'"):
        resolve({"memorypath": "x"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[memory]\ncache_size = 5", "key in \\[memory\\] 'cache_size'. Did you mean 'cache_size_mb'"),
        ("[memry]\n", "section 'memry'. Did you mean 'memory'"),
        ("memory = 3", r"Write it as \[memory\]"),
        ("[memory]\ncache_size_mb = -1", "cache_size_mb is -1.*whole number from 0"),
        ("[memory]\ncache_size_mb = true", "cache_size_mb is True"),
        ("[learning]\nquality_threshold = 2", "number from 0 to 1"),
        ("[ml]\ncpu_only = false", "CPU alone"),
        ('[ml]\nprecision = "int4"', "'fp32', 'int8'"),
        ("[memory\n", "not valid TOML.*line 1"),
    ],
)
def test_a_wrong_configuration_names_the_file_the_key_and_the_remedy(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=told) as caught:
        resolve(configured(tmp_path, text))
    assert "fluorite.toml" in str(caught.value)


def test_a_configuration_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PathNotFound, match=r"nowhere\.toml"):
        resolve({"memory_path": str(tmp_path), "config_path": str(tmp_path / "nowhere.toml")})


@pytest.mark.parametrize("value", [7, "", "a\0b"])
def test_a_path_must_be_a_text_without_nul(value: object) -> None:
    with pytest.raises(InvalidArgument, match="memory_path"):
        resolve({"memory_path": value})
