from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite.errors import InvalidArgument, InvalidConfiguration, PathNotFound, UnknownOption
from fluorite.settings import Settings, Surroundings, resolve
from fluorite.settings.configuration_file import line_of
from fluorite.settings.effective import ConfigurationValue, effective
from fluorite.settings.reference import page, template
from fluorite.settings.sections import KEYS

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
TYPES = Path(__file__).parents[2] / "types" / "index.d.ts"


def configured(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "fluorite.toml"
    file.write_text(text)
    return {"memory_path": str(tmp_path / "memory"), "config_path": str(file)}


def told(options: dict[str, Any], surroundings: Surroundings | None = None) -> dict[str, ConfigurationValue]:
    return {one.key: one for one in effective(options, surroundings or Surroundings())}


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
    ("text", "line", "told"),
    [
        ("[memory]\ncache_size = 5", 2, "key in \\[memory\\] 'cache_size'. Did you mean 'cache_size_mb'"),
        ("\n\n[memry]\n", 3, "section 'memry'. Did you mean 'memory'"),
        ("memory = 3", 1, r"Write it as \[memory\]"),
        ("[memory]\n# cache_size_mb\ncache_size_mb = -1", 3, "cache_size_mb is -1.*whole number from 0"),
        ("[memory]\ncache_size_mb = true", 2, "cache_size_mb is True"),
        ("[memory]\nbatch_size = 3", 2, r"Write it under \[learning\]"),
        ("[learning]\nquality_threshold = 2", 2, "number from 0 to 1"),
        ("[learning]\nfeedback_half_life_days = 0", 2, "half_life_days is 0.*whole number from 1 to 36,500"),
        ("learning.target_frameworks = [\n  'a',\n  3,\n]", 1, "list of names"),
        ("[ml]\ncpu_only = false", 2, "CPU alone"),
        ('[ml]\nprecision = "int4"', 2, "'fp32', 'int8'"),
        ("[ml]\nprecision = [1]", 2, "'fp32', 'int8'"),
        ("[schedule]\ntime = 02:00:00", 2, "time of day"),
        ('[schedule]\ntime = "2:60"', 2, "time of day"),
    ],
)
def test_a_wrong_configuration_names_the_file_the_line_the_key_and_the_remedy(
    tmp_path: Path, text: str, line: int, told: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=told) as caught:
        resolve(configured(tmp_path, text))
    assert str(caught.value).startswith(f"{tmp_path / 'fluorite.toml'}:{line}: ")


def test_a_file_that_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match=r"fluorite\.toml: not valid TOML.*line 2"):
        resolve(configured(tmp_path, "[ml]\n[memory\n"))
    (tmp_path / "fluorite.toml").write_bytes(b"\xff")
    with pytest.raises(InvalidConfiguration, match=r"fluorite\.toml: the file cannot be read"):
        resolve({"memory_path": "m", "config_path": str(tmp_path / "fluorite.toml")})


def test_a_configuration_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PathNotFound, match=r"config_path .*nowhere\.toml"):
        resolve({"memory_path": str(tmp_path), "config_path": str(tmp_path / "nowhere.toml")})
    with pytest.raises(PathNotFound, match=r"FLUORITE_CONFIG_PATH .*nowhere\.toml"):
        resolve({}, surroundings=Surroundings({"FLUORITE_CONFIG_PATH": "nowhere.toml"}, tmp_path))


@pytest.mark.parametrize("value", [7, "", "a\0b"])
def test_a_path_must_be_a_text_without_nul(value: object) -> None:
    for name in ("memory_path", "config_path"):
        with pytest.raises(InvalidArgument, match=name):
            resolve({name: value})


def test_the_file_is_the_first_of_those_that_are_named_here_and_the_users(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path / "home")}
    working = tmp_path / "working"
    places = {
        "home": tmp_path / "home/.config/fluorite/fluorite.toml",
        "xdg": tmp_path / "xdg/fluorite/fluorite.toml",
        "here": working / "fluorite.toml",
        "variable": tmp_path / "variable.toml",
        "option": tmp_path / "option.toml",
    }
    options: dict[str, Any] = {}
    assert resolve({"memory_path": "m"}, surroundings=Surroundings(environment, working))
    for place, file in places.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"[memory]\nmemory_path = '{place}'\n")
        if place == "xdg":
            environment["XDG_CONFIG_HOME"] = str(tmp_path / "xdg")
        elif place == "variable":
            environment["FLUORITE_CONFIG_PATH"] = str(file)
        elif place == "option":
            options["config_path"] = str(file)
        value = told(options, Surroundings(environment, working))["memory.memory_path"]
        assert (value.value, value.source) == (str(file.parent / place), f"{file}:2")


def test_an_option_wins_over_a_variable_over_the_file_and_each_says_where_it_came_from(
    tmp_path: Path,
) -> None:
    options: dict[str, Any] = configured(tmp_path, "[memory]\n\ncache_size_mb = 1\n")
    environment: dict[str, str] = {}
    name = "memory.cache_size_mb"

    def value() -> tuple[Any, ...]:
        one = told(options, Surroundings(environment))[name]
        assert resolve(options, surroundings=Surroundings(environment)).memory.cache_size_mb == one.value
        return one.value, one.origin, one.source

    assert value() == (1, "file", f"{options['config_path']}:3")
    environment["FLUORITE_CACHE_SIZE_MB"] = "2"
    assert value() == (2, "environment", "FLUORITE_CACHE_SIZE_MB")
    options["cache_size_mb"] = 3
    assert value() == (3, "option", None)
    environment["FLUORITE_CACHE_SIZE_MB"] = ""
    del options["cache_size_mb"], options["config_path"]
    assert value() == (512, "default", None)


def test_variables_are_read_by_what_their_keys_take(tmp_path: Path) -> None:
    environment = {
        "FLUORITE_MEMORY_PATH": str(tmp_path),
        "FLUORITE_ENABLE_ML": "0",
        "FLUORITE_QUALITY_THRESHOLD": "0.25",
        "FLUORITE_TARGET_FRAMEWORKS": "hono, next.js,",
        "FLUORITE_CATALOG_DIR": "of another program",
    }
    settings = resolve({}, surroundings=Surroundings(environment))
    assert (settings.memory_path, settings.ml.enable_ml) == (tmp_path, False)
    assert settings.learning.quality_threshold == 0.25
    assert settings.learning.target_frameworks == ("hono", "next.js")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("FLUORITE_ENABLE_ML", "maybe"),
        ("FLUORITE_CACHE_SIZE_MB", "5.5"),
        ("FLUORITE_QUALITY_THRESHOLD", "nan"),
        ("FLUORITE_SCHEDULE_TIME", "noon"),
    ],
)
def test_a_wrong_variable_is_named_with_what_it_takes(name: str, text: str) -> None:
    with pytest.raises(InvalidConfiguration, match=rf"{name} is '?{text}'?, .* It takes"):
        resolve({"memory_path": "m"}, surroundings=Surroundings({name: text}))


def test_nothing_of_the_use_is_kept_where_no_surroundings_say_where() -> None:
    assert resolve({"memory_path": "m"}).privacy.state_path is None


def test_the_state_folder_lies_in_the_home_unless_it_is_named(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    usual = told({}, Surroundings(home))["privacy.state_path"]
    assert (usual.value, usual.origin) == (str(tmp_path / "tmp/fluorite-learning"), "default")
    named = told({}, Surroundings({**home, "FLUORITE_STATE_DIR": str(tmp_path / "state")}))
    assert named["privacy.state_path"].value == str(tmp_path / "state")


def test_a_named_state_folder_inside_a_repository_is_refused_even_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "project/.git").mkdir(parents=True)
    (tmp_path / "project/deep").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "project/deep")
    for folder in ("project", "project/deep/state", "link/state"):
        surroundings = Surroundings({"FLUORITE_STATE_DIR": str(tmp_path / folder)})
        with pytest.raises(InvalidConfiguration, match=r"FLUORITE_STATE_DIR.*inside the repository"):
            resolve({"memory_path": "m"}, surroundings=surroundings)
    options = configured(tmp_path / "project", "[privacy]\nstate_path = 'state'")
    with pytest.raises(InvalidConfiguration, match=r"fluorite\.toml.*inside the repository"):
        resolve(options)


LINES = st.lists(
    st.sampled_from(
        [
            "# cache_size_mb = 1",
            "",
            'other = """',
            "cache_size_mb = 9",
            '"""',
            "list = [",
            "  'cache_size_mb', # cache_size_mb",
            "]",
            "[memory]",
            "[learning]",
            "memory.cache_size_mb = 4",
            '"cache_size_mb" = 3',
            "memory = { cache_size_mb = 3 }",
        ]
    ),
    max_size=9,
)


@given(LINES)
def test_a_line_is_found_where_and_only_where_the_key_is_given(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        gives = "cache_size_mb" in tomllib.loads(text).get("memory", {})
    except tomllib.TOMLDecodeError:
        return
    line = line_of(text, "memory", "cache_size_mb")
    assert (line is not None) is gives
    if line is not None:
        without = [*lines[: line - 1], *lines[line:]]
        try:
            assert "cache_size_mb" not in tomllib.loads("\n".join(without)).get("memory", {})
        except tomllib.TOMLDecodeError:
            pytest.fail(f"line {line} is more than a key")


def test_the_commented_file_is_valid_and_says_every_key_and_its_default(tmp_path: Path) -> None:
    assert all(section == {} for section in tomllib.loads(template()).values())
    lines = template().splitlines()
    shown = [line.removeprefix("# ") if " = " in line else line for line in lines]
    file = tmp_path / "fluorite.toml"
    file.write_text("\n".join(shown))
    values = told({"config_path": str(file)}, Surroundings({"HOME": str(tmp_path)}))
    assert all(value.origin == "file" for value in values.values())
    for name, key in KEYS.items():
        if key.default is not None:
            assert values[name].value == key.default


def test_the_reference_page_is_what_the_keys_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "Run: npm run docs:configuration"


def test_every_key_has_a_variable_of_its_own_and_a_sentence() -> None:
    variables = [key.variable for key in KEYS.values()]
    assert len(set(variables)) == len(variables)
    assert all(key.declared.effect.endswith((".", "`.")) for key in KEYS.values())


def test_every_option_that_is_a_key_is_declared_in_the_types() -> None:
    text = TYPES.read_text(encoding="utf-8")
    declared = text[text.index("interface InitializeOptions") :].split("\n}", 1)[0]
    names = {line.split("?:")[0].strip() for line in declared.splitlines() if "?:" in line}
    assert names - {"config_path", "python"} == {key.name for key in KEYS.values() if key.declared.is_option}


def test_every_field_of_the_settings_is_a_key() -> None:
    sections = [item for item in dataclasses.fields(Settings) if not item.metadata]
    assert [item.name for item in sections] == ["package_models", *dict.fromkeys(_sections()), "config_path"]


def _sections() -> list[str]:
    return [key.section for key in KEYS.values()]
