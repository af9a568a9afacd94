"""What words mean: a text encoder that comes along, and how people say the names of themes in everyday words."""

from knobs_core.language.chat import Answer, Chat, chosen_chat
from knobs_core.language.encoder import Encoder, Endpoint, Folder, chosen_encoder
from knobs_core.language.lexicon import (
    LANGUAGES,
    cues,
    eras,
    filler,
    ground,
    grounds,
    known,
    languages_of,
    sayings,
    stand_ins,
    wordings,
)

__all__ = [
    "LANGUAGES",
    "Answer",
    "Chat",
    "Encoder",
    "Endpoint",
    "Folder",
    "chosen_chat",
    "chosen_encoder",
    "cues",
    "eras",
    "filler",
    "ground",
    "grounds",
    "known",
    "languages_of",
    "sayings",
    "stand_ins",
    "wordings",
]
