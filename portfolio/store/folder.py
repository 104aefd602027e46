"""Whether a folder is a safe place for the database: on this computer, and synchronised by nobody.

A database on a network drive can be damaged by two writers, and a cloud client puts back old versions behind
our back. Both are recognised by name only, so a setting can overrule it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Final

SYNCED: Final = (
    "onedrive",
    "dropbox",
    "google drive",
    "googledrive",
    "my drive",
    "icloud drive",
    "iclouddrive",
    "com~apple~clouddocs",
    "cloudstorage",
    "box sync",
    "pcloud",
    "pclouddrive",
    "nextcloud",
    "owncloud",
    "megasync",
    "syncthing",
    "yandexdisk",
    "synologydrive",
    "creative cloud files",
)
"""Folder names of cloud clients, lower case; a name also matches with a suffix ("OneDrive - Company")."""

NETWORK: Final = frozenset(
    (
        "nfs",
        "nfs4",
        "cifs",
        "smb",
        "smb2",
        "smb3",
        "smbfs",
        "afpfs",
        "ncpfs",
        "9p",
        "fuse.sshfs",
        "davfs",
        "fuse.rclone",
    )
)
"""File systems of other computers, as mount tables call them."""

_SYNC_VARIABLES: Final = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")


def unsafe_folder(
    folder: PurePath, mounts: Iterable[tuple[str, str]] = (), environment: Mapping[str, str] | None = None
) -> str | None:
    """Return why the database must not lie in `folder`, an absolute path, or None where it may.

    `mounts` are pairs of mount point and file system; `environment` names the folders of a cloud client on Windows.
    """
    if isinstance(folder, PureWindowsPath) and folder.drive.startswith("\\\\"):
        return f"{folder.drive} is another computer's share"
    for part in folder.parts:
        name = part.casefold()
        for client in SYNCED:
            if name == client or name.startswith((client + " ", client + "-", client + "(")):
                return f"{part!r} looks like the folder of a cloud client"
    for variable in _SYNC_VARIABLES:
        root = (environment or {}).get(variable)
        if root and folder.is_relative_to(root):
            return f"{root!r} is synchronised by OneDrive"
    covering = [pair for pair in mounts if folder.is_relative_to(pair[0])]
    point, system = max(covering, key=lambda pair: len(pair[0]), default=("", ""))
    return f"{point!r} is a network drive ({system})" if system.casefold() in NETWORK else None


def mounted(table: Path = Path("/proc/self/mounts")) -> tuple[tuple[str, str], ...]:
    """Return this computer's pairs of mount point and file system; nothing where the system keeps no such table."""
    try:
        lines = table.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    mounts = []
    for line in lines:
        match line.split():
            case [_, point, system, *_]:
                # the kernel writes a blank in a mount point as \040
                mounts.append((str(PurePosixPath(point.replace("\\040", " "))), system))
    return tuple(mounts)
