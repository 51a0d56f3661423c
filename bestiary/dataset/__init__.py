"""A folder of photos, checked, cleaned of duplicates, split and turned into arrays."""

from bestiary.dataset.assembly import Dataset, assemble, gather
from bestiary.dataset.duplicates import Duplicate
from bestiary.dataset.errors import UnusableDataset
from bestiary.dataset.loading import Photo, Quarantined
from bestiary.dataset.pinned import Pinned, read_pinned
from bestiary.dataset.reading import Reading, read
from bestiary.dataset.shards import read_shards, write_shard
from bestiary.dataset.split import Split, split
from bestiary.dataset.writing import write_side

__all__ = [
    "Dataset",
    "Duplicate",
    "Photo",
    "Pinned",
    "Quarantined",
    "Reading",
    "Split",
    "UnusableDataset",
    "assemble",
    "gather",
    "read",
    "read_pinned",
    "read_shards",
    "split",
    "write_shard",
    "write_side",
]
