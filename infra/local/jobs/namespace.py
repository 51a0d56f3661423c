"""A private view of the system: ``/opt/ml`` is one job's own folder, and no network is there (Linux).

Standard library only: the supervisor runs it in the job's process, before the job's program.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import stat
import struct
from pathlib import Path

OPT_ML = "/opt/ml"

_LIBC = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_MS_NOSUID_NODEV = 2 | 4
_MS_BIND = 4096
_MS_REC = 16384
_MS_PRIVATE = 1 << 18
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1


def enter(base: str, *, isolated: bool, beside: int = 0, hosts: str = "") -> None:
    """Make ``/opt/ml`` be `base` for this process and those that it starts; others see no change.

    An ordinary user gets it through a user namespace in which he stays himself.

    Parameters
    ----------
    base
        The folder to show; a path that stays valid in the new view.
    isolated
        Whether to reach no network either, but for a loopback of its own.
    beside
        A process whose network to share, loopback and all, in place of one of its own; 0 for none.
    hosts
        A file to show as ``/etc/hosts``; empty for the system's.

    Raises
    ------
    OSError
        Where the kernel does not allow it. The process may then be half way: it should start nothing.
    """
    if beside:
        _join(beside)
        _unshare(_CLONE_NEWNS)
    else:
        _unshare(_CLONE_NEWNS | (_CLONE_NEWNET if isolated else 0))
        if isolated:
            _loopback()
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    if not Path(OPT_ML).is_dir():
        _make_opt_ml()
    _mount(base, OPT_ML, None, _MS_BIND | _MS_REC)
    if hosts:
        _mount(hosts, "/etc/hosts", None, _MS_BIND)


def _join(process: int) -> None:
    """Enter the network of a process, by way of its user namespace where it has one of its own."""
    theirs = Path(f"/proc/{process}/ns")
    kinds = [("user", _CLONE_NEWUSER)] if _own(theirs / "user") else []
    opened = [(os.open(theirs / name, os.O_RDONLY), kind) for name, kind in (*kinds, ("net", _CLONE_NEWNET))]
    for descriptor, kind in opened:
        if _LIBC.setns(descriptor, kind) != 0:
            raise _error("setns")
        os.close(descriptor)


def _own(link: Path) -> bool:
    """Say whether a process's namespace is another than this one's."""
    return link.readlink() != (Path("/proc/self/ns") / link.name).readlink()


def entered(process: int) -> bool:
    """Say whether a process has entered its view, so far that another can join it."""
    about = Path("/proc", str(process))
    try:
        return _own(about / "ns/mnt") and bool((about / "uid_map").read_text().strip())
    except OSError:
        return False


def _unshare(flags: int) -> None:
    if _LIBC.unshare(flags) == 0:
        return
    user, group = os.geteuid(), os.getegid()
    if _LIBC.unshare(_CLONE_NEWUSER | flags) != 0:
        raise _error("unshare")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")


def _loopback() -> None:
    import socket  # takes longer than all else here, and most jobs do without

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))


def _make_opt_ml() -> None:
    """Put an empty ``/opt`` over the real one, with all that the real one holds, and ``ml``."""
    opt = Path(OPT_ML).parent
    held = [(entry, os.open(entry, os.O_PATH | os.O_NOFOLLOW)) for entry in opt.iterdir()]
    links = {entry: entry.readlink() for entry, _ in held if entry.is_symlink()}
    _mount("tmpfs", str(opt), "tmpfs", _MS_NOSUID_NODEV, "mode=755")
    for entry, descriptor in held:
        if entry in links:
            entry.symlink_to(links[entry])
        else:
            folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
            entry.mkdir() if folder else entry.touch()
            _mount(f"/proc/self/fd/{descriptor}", str(entry), None, _MS_BIND | _MS_REC)
        os.close(descriptor)
    Path(OPT_ML).mkdir()


def _mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    if _LIBC.mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3]) != 0:
        raise _error(f"mount on {target}")


def _error(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")
