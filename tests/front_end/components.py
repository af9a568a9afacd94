"""The components of the front end, by their entry modules."""

ENTRIES = (
    *("board/board.js", "board/blob.js", "board/ticks.js", "board/kept.js", "board/single.js"),
    "map/map.js",
    "shared/address.js",
    "shared/standin.js",
    "stage/stage.js",
    "studio/desk.js",
    "study/step.js",
    *("wall/wall.js", "wall/memory.js"),
)
