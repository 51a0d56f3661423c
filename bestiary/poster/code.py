"""The QR code that leads from paper to the web."""

from io import BytesIO

from bestiary.poster.errors import PosterError
from bestiary.poster.page import Page

_FINEST_MODULE = 0.33
# The templates print it at least this large, in parts of the page's shorter side, its white rim left off.
_SHARE = 0.104


def qr_code(url: str, page: Page) -> bytes:
    """Draw the code of an address, as SVG without a rim.

    Raises
    ------
    PosterError
        Where its modules would be finer than a third of a millimetre: phones do not read those from paper.
    """
    import segno

    too_long = PosterError(
        f"the address is too long for a QR code of this size ({len(url)} letters): shorten it"
    )
    try:
        code = segno.make(url, error="m", micro=False)
    except segno.DataOverflowError:
        raise too_long from None
    if min(page.width, page.height) * _SHARE / code.symbol_size(border=0)[0] < _FINEST_MODULE:
        raise too_long
    drawing = BytesIO()
    code.save(drawing, kind="svg", border=0, omitsize=True, xmldecl=False, dark="#000000")
    return drawing.getvalue()
