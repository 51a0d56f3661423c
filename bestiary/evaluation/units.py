"""Seconds and bytes as people read them."""


def duration(seconds: float) -> str:
    """Write a time, 0 and up, with two or three figures: ``3.1 ms``, ``0.42 s``, ``41 s``, ``3 min 20 s``."""
    if seconds < 0.0995:
        return f"{seconds * 1000:.3g} ms" if seconds * 1000 >= 1 else f"{seconds * 1000:.2g} ms"
    if seconds < 9.95:
        return f"{seconds:.2g} s" if seconds < 0.995 else f"{seconds:.1f} s"
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def size(count: float) -> str:
    """Write a number of bytes in powers of ten: ``820 B``, ``5.1 MB``, ``61 MB``."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            value = count / factor
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
    return f"{count:.0f} B"
