"""Every error the engine raises on purpose.

    FluoriteError                     INTERNAL
    ├── InvalidArgument               INVALID_ARGUMENT     a value of the wrong type, range or form
    │   ├── UnknownOption             UNKNOWN_OPTION       a name that no option has
    │   ├── DimensionMismatch         DIMENSION_MISMATCH   a vector of the wrong length
    │   ├── NotFinite                 NOT_FINITE           NaN, infinity or an all-zero vector
    │   └── ChunkTooLarge             CHUNK_TOO_LARGE      content above max_chunk_size
    ├── InvalidConfiguration          INVALID_CONFIGURATION
    ├── PathNotFound                  PATH_NOT_FOUND
    ├── StoreError                    STORE_ERROR          the disk or the operating system refused
    │   └── StoreDamaged              STORE_DAMAGED
    ├── MachineLearningDisabled       ML_DISABLED
    ├── ModelNotFound                 MODEL_NOT_FOUND
    ├── ModelDamaged                  MODEL_DAMAGED
    ├── ExportUnavailable             EXPORT_UNAVAILABLE
    ├── PackageMissing                PYTHON_PACKAGE_MISSING
    ├── RunInProgress                 RUN_IN_PROGRESS      another run of autoLearn holds the lock
    ├── SchedulerError                SCHEDULER_ERROR      cron, systemd or launchd is missing or refused
    ├── Cancelled                     CANCELLED
    └── Closed                        CLOSED

A message is one sentence that names the thing, and one that names the remedy.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class FluoriteError(Exception):
    """Base of the tree; `code` is stable and is what programs should test."""

    code = "INTERNAL"


class InvalidArgument(FluoriteError):
    code = "INVALID_ARGUMENT"


class UnknownOption(InvalidArgument):
    code = "UNKNOWN_OPTION"


class DimensionMismatch(InvalidArgument):
    code = "DIMENSION_MISMATCH"


class NotFinite(InvalidArgument):
    code = "NOT_FINITE"


class ChunkTooLarge(InvalidArgument):
    code = "CHUNK_TOO_LARGE"


class InvalidConfiguration(FluoriteError):
    code = "INVALID_CONFIGURATION"


class PathNotFound(FluoriteError):
    code = "PATH_NOT_FOUND"


class StoreError(FluoriteError):
    code = "STORE_ERROR"


class StoreDamaged(StoreError):
    code = "STORE_DAMAGED"


class MachineLearningDisabled(FluoriteError):
    code = "ML_DISABLED"


class ModelNotFound(FluoriteError):
    code = "MODEL_NOT_FOUND"


class ModelDamaged(FluoriteError):
    code = "MODEL_DAMAGED"


class ExportUnavailable(FluoriteError):
    code = "EXPORT_UNAVAILABLE"


class PackageMissing(FluoriteError):
    code = "PYTHON_PACKAGE_MISSING"


class RunInProgress(FluoriteError):
    code = "RUN_IN_PROGRESS"


class SchedulerError(FluoriteError):
    code = "SCHEDULER_ERROR"


class Cancelled(FluoriteError):
    code = "CANCELLED"


class Closed(FluoriteError):
    code = "CLOSED"


def unknown_name(kind: str, name: object, valid: Iterable[str]) -> str:
    """The message for a name nobody knows: the nearest valid one, or all of them."""
    names = sorted(valid)
    nearest = difflib.get_close_matches(str(name), names, n=1, cutoff=0.6)
    hint = f"Did you mean {nearest[0]!r}?" if nearest else f"Valid names: {', '.join(names)}."
    return f"Unknown {kind} {str(name)!r}. {hint}"


def reject_unknown(kind: str, given: Iterable[object], valid: Iterable[str]) -> None:
    """Raises UnknownOption for the first name in `given` that is not in `valid`."""
    names = set(valid)
    for name in given:
        if name not in names:
            raise UnknownOption(unknown_name(kind, name, names))
