"""The components of the front end, by their entry modules."""

ENTRIES = ("board/board.js", "board/blob.js", "board/ticks.js", "board/presets.js", "map/map.js", "stage/stage.js")
