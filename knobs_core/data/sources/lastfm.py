"""hetrec2011-lastfm-2k: artists that 1,892 people listen to on Last.fm, and the tags they gave them.

    user_artists.dat         userID, artistID, weight (how often)
    artists.dat              id, name, url, pictureURL
    user_taggedartists.dat   userID, artistID, tagID, day, month, year
    tags.dat                 tagID, tagValue                               Latin-1

Separated by tabs, with headers, without quotes. Listening once is a like. Cantador, Brusilovsky and Kuflik 2011, "2nd
Workshop on Information Heterogeneity and Fusion in Recommender Systems".
"""

from knobs_core.data.interactions import Tables
from knobs_core.data.source import DataConfig
from knobs_core.data.sources.folder import Folder

DEFAULTS = DataConfig(
    item="artist",
    credit="Last.fm, HetRec 2011 (grouplens.org/datasets/hetrec-2011): no commercial use; cite Cantador et al. 2011",
)


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return {"user_artists.dat", "artists.dat"} <= folder.names


def read(folder: Folder) -> Tables:
    """Read the four tables; the addresses of the pictures are dead and left out."""
    pairs = {"userID": "user_id", "artistID": "item_id"}
    listened = folder.table("user_artists.dat", pairs, "\t", quoted=False)
    artists = folder.rows("artists.dat", "\t", ("item_id", "title", "_url", "_picture"), free="title", header=True)
    if not {"user_taggedartists.dat", "tags.dat"} <= folder.names:
        return Tables(listened, artists)
    tags = folder.table("user_taggedartists.dat", {**pairs, "tagID": "tag_id"}, "\t", quoted=False)
    words = folder.rows("tags.dat", "\t", ("tag_id", "tag"), free="tag", header=True)
    return Tables(listened, artists, tags.assign(tag=tags["tag_id"].astype("str").map(dict(words.to_numpy()))))
