"""The Million Song Dataset's Taste Profile: who played which song how often, with names and Last.fm tags.

    train_triplets.txt  user, song, play count, separated by tabs, no header; also zipped, as published
    unique_tracks.txt   track<SEP>song<SEP>artist<SEP>title                          optional, the songs' names
    lastfm_tags.db      SQLite: tids(tid), tags(tag), tid_tag(tid, tag, val)         optional, the songs' tags
    sid_mismatches.txt  ERROR: <song track> ...                                      optional, pairs not to be trusted

Play counts are binarised; songs with fewer than 200 listeners are left out, then people with fewer than 20 songs, as in
Liang et al. 2018 and the paper. Tags weigh 0 to 100, as Last.fm counts them, and belong to tracks: a song has the tags
of its tracks. Bertin-Mahieux, Ellis, Whitman and Lamere 2011, "The Million Song Dataset".
"""

import re

import numpy as np
import pandas as pd

from knobs_core.data.interactions import Tables
from knobs_core.data.source import DataConfig
from knobs_core.data.sources.folder import Folder

DEFAULTS = DataConfig(
    min_item_interactions=200,
    min_user_interactions=20,
    min_tag_assignments=100,
    min_tag_items=1,
    item="song",
    credit="the Million Song Dataset (millionsongdataset.com): for research; cite Bertin-Mahieux et al. 2011",
)
TRIPLETS, TRACKS, TAGS, MISMATCHES = "train_triplets.txt", "unique_tracks.txt", "lastfm_tags.db", "sid_mismatches.txt"
MISMATCH = re.compile(r"<(SO\w+) (TR\w+)>")


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return TRIPLETS in folder.names


def read(folder: Folder) -> Tables:
    """Read what is there of the four files."""
    wanted = {"user_id": "user_id", "item_id": "item_id"}
    played = folder.table(TRIPLETS, wanted, "\t", header=["user_id", "item_id", "plays"], quoted=False)
    if TRACKS not in folder.names:
        return Tables(played)
    tracks = folder.rows(TRACKS, "<SEP>", ("track", "item_id", "artist", "title"), free="title")
    if MISMATCHES in folder.names:
        with folder.open(MISMATCHES) as stream:
            wrong = pd.MultiIndex.from_tuples(
                MISMATCH.findall(stream.read().decode("utf-8", "replace")), names=["item_id", "track"]
            )
        tracks = tracks[~pd.MultiIndex.from_frame(tracks[["item_id", "track"]]).isin(wrong)]
    names = tracks.drop_duplicates("item_id")
    items = pd.DataFrame({"item_id": names["item_id"], "title": names["artist"] + " - " + names["title"]})
    return Tables(played, items, _tags(folder, tracks) if TAGS in folder.names else None)


def _tags(folder: Folder, tracks: pd.DataFrame) -> pd.DataFrame:
    """Tag rows (item_id, tag, weight) of songs; of several tracks with a tag the largest weight counts."""
    with folder.database(TAGS) as database:
        track_of = dict(database.execute("SELECT ROWID, tid FROM tids"))
        word_of = dict(database.execute("SELECT ROWID, tag FROM tags"))
        rows = np.fromiter(  # streamed: the published file has 8.6 million rows
            database.execute("SELECT tid, tag, val FROM tid_tag"), dtype="i4, i4, f4"
        )
    song_of = tracks.drop_duplicates("track").set_index("track")["item_id"]
    songs = pd.Series(track_of, dtype="str").map(song_of).dropna()
    codes, names = pd.factorize(songs)
    song = pd.Series(codes, songs.index).reindex(rows["f0"], fill_value=-1).to_numpy()
    words, called = pd.factorize(pd.Series(word_of, dtype="str"))
    word = np.append(words, -1)[pd.Index(list(word_of), dtype="int64").get_indexer(rows["f1"])]
    frame = pd.DataFrame({"song": song, "word": word, "weight": rows["f2"]})[song >= 0]
    frame = frame.groupby(["song", "word"], as_index=False)[["weight"]].max()
    return pd.DataFrame(
        {
            "item_id": pd.Categorical.from_codes(frame["song"], names),
            "tag": pd.Categorical.from_codes(frame["word"], called),
            "weight": frame["weight"],
        }
    )
