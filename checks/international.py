"""International domain names in ASCII, as browsers and registries write them."""

from __future__ import annotations


def a_labels(name: str) -> str:
    """A name with its international labels as A-labels (IDNA 2008, RFC 5891, mapped as UTS #46 says).

    So "straße" stays a name of its own, where the older IDNA of Python's codec makes "strasse" of it. Raises
    UnicodeError for what is no such name.
    """
    if name.isascii():
        return name
    # Loaded for such names alone: its tables are large.
    import idna

    mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
    return ".".join(label if label.isascii() else idna.alabel(label).decode("ascii") for label in mapped.split("."))
