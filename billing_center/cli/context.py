"""How a command of the command line gets its center: settings, logs and an open database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from billing_center.bootstrap import open_center
from billing_center.center import Center
from billing_center.settings import LoadedSettings, load_settings

chosen_file: list[Path] = []
"""The file of `billing-center --settings FILE`, kept by the main command for its sub-commands."""


def loaded_settings(**flags: object) -> LoadedSettings:
    """The settings from the environment, the file and the flags of this command. Raises SettingInvalid."""
    return load_settings(file=chosen_file[0] if chosen_file else None, flags=flags)


@contextmanager
def open_context(*, migrate: bool = False, **flags: object) -> Iterator[Center]:
    """An open center for one command, closed at its end. Raises what `open_center` raises."""
    center = open_center(loaded_settings(**flags).settings, migrate=migrate)
    try:
        yield center
    finally:
        center.database.close()
