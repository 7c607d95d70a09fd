"""Nodes as numbers: names are kept once, edges are pairs of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Places = npt.NDArray[np.int64]

# What several sources say of one edge may be of the same events: the one that saw most of them counts.
_FACTS = {"first_seen": "min", "last_seen": "max", "events": "max", "tracked": "any"}


@dataclass(frozen=True, slots=True)
class Interned:
    """Nodes and edges.

    Attributes:
        keys: of the nodes; a node's number is its place.
        types: what each node is; null if that is not known.
        source: the number of each edge's source.
        target: that of its target.
        facts: of each edge: first_seen, last_seen, events, tracked.
    """

    keys: pa.Array
    types: pa.Array
    source: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]
    facts: pa.Table

    def part(self, edges: Places, nodes: Places) -> Interned:
        """Return some edges, with their nodes and some more.

        Args:
            edges: the edges' places.
            nodes: numbers of nodes that are kept in any case.
        """
        source, target = self.source[edges], self.target[edges]
        kept = np.zeros(len(self.keys), dtype=bool)
        for some in (source, target, nodes):
            kept[some] = True
        number = np.cumsum(kept, dtype=np.int32) - 1
        chosen = pa.array(np.flatnonzero(kept))
        return Interned(
            self.keys.take(chosen),
            self.types.take(chosen),
            number[source],
            number[target],
            self.facts.take(pa.array(edges)),
        )


def intern(edges: pa.Table, alone: Sequence[str]) -> Interned:
    """Return the nodes and edges of a table; several edges between the same nodes become one.

    Args:
        edges: has the schema `lakestead.govern.lineage.edges.SCHEMA`.
        alone: keys of nodes that are there even if they have no edge.
    """
    ends = [*edges["source"].chunks, *edges["target"].chunks, pa.array(alone, pa.string())]
    encoded = pa.chunked_array(ends, pa.string()).combine_chunks().dictionary_encode()
    numbers = encoded.indices.to_numpy()
    source, target = numbers[: edges.num_rows], numbers[edges.num_rows : 2 * edges.num_rows]
    keys = encoded.dictionary
    types = _types(edges, source, target, len(keys))
    facts = edges.select(list(_FACTS))
    pairs, place = np.unique(source.astype(np.int64) * len(keys) + target, return_inverse=True)
    if len(pairs) < len(source):
        facts = _merged(facts, place)
        source, target = (part.astype(np.int32) for part in np.divmod(pairs, len(keys)))
    return Interned(keys, types, source, target, facts)


def _merged(facts: pa.Table, place: Places) -> pa.Table:
    """Return the facts of each edge once, in the order of their places."""
    grouped = facts.append_column("place", pa.array(place)).group_by("place").aggregate(list(_FACTS.items()))
    ordered = grouped.sort_by("place").select([f"{name}_{how}" for name, how in _FACTS.items()])
    return ordered.rename_columns(list(_FACTS))


def _types(
    edges: pa.Table, source: npt.NDArray[np.int32], target: npt.NDArray[np.int32], nodes: int
) -> pa.Array:
    """Return what each node is, by the edges that say it."""
    said = pa.chunked_array([*edges["source_type"].chunks, *edges["target_type"].chunks], pa.string())
    encoded = said.combine_chunks().dictionary_encode()
    codes = pc.fill_null(encoded.indices, -1).to_numpy()
    kind = np.full(nodes, -1, dtype=np.int32)
    known = codes >= 0
    kind[np.concatenate((source, target))[known]] = codes[known]
    return encoded.dictionary.take(pa.array(kind, mask=kind < 0))
