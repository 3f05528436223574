"""Where memory lies, to prove that the door between the languages copies nothing."""

from __future__ import annotations

from typing import Any

import numpy as np


def address_of(buffer: Any) -> str:
    """The address of a buffer's first byte, as decimal digits (it may exceed 2^53)."""
    return str(np.frombuffer(buffer, np.uint8).__array_interface__["data"][0])
