"""A folder of photos, checked, cleaned of duplicates, split and turned into arrays."""

from bestiary.dataset.assembly import Dataset, assemble
from bestiary.dataset.duplicates import Duplicate
from bestiary.dataset.errors import UnusableDataset
from bestiary.dataset.loading import Photo, Quarantined
from bestiary.dataset.pinned import Pinned, read_pinned
from bestiary.dataset.split import Split, split
from bestiary.dataset.writing import write_side

__all__ = [
    "Dataset",
    "Duplicate",
    "Photo",
    "Pinned",
    "Quarantined",
    "Split",
    "UnusableDataset",
    "assemble",
    "read_pinned",
    "split",
    "write_side",
]
