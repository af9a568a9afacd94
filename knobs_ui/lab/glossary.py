"""What the words on the pages mean, in one place: a tab for the Lab. docs/conventions.md has the exact definitions."""

import streamlit as st

from knobs_core.bundles import Bundle
from knobs_ui import html


def render(bundle: Bundle) -> None:
    """Every word of ours with a sentence, those of the Panel first."""
    for title, rows in (("On every page", _everywhere(bundle)), ("In the Lab", LAB)):
        st.subheader(html.plain(title), anchor=False)
        terms = "".join(
            f"<dt>{html.escaped(word)}</dt><dd>{html.escaped(meaning)}</dd>" for word, meaning in rows.items()
        )
        st.html(f'<dl class="knobs-words">{terms}</dl>')


def _everywhere(bundle: Bundle) -> dict[str, str]:
    one, many = bundle.words.one, bundle.words.many
    return {
        "knob": f"Something to turn, with a name: a theme, or one of the model's own directions. Turned up, it brings "
                f"more {many} of its kind into the list; turned down, fewer.",
        "dial": f"A knob as it stands: its name with an amount from {html.MINUS}1 to +1, 0 at rest.",
        "amount": "How far a dial is turned.",
        "theme": f"A word that the data give to {many}, as a knob: a genre, a mood, a tag.",
        "decade": "A theme that says nothing but a time.",
        "list": f"The first {many} for a person that they do not know yet.",
        "at rest": "All dials at 0: the list is the recommender's own, unchanged.",
        "pinned": "Kept as it was, so that later turns are compared with it.",
        "reach": "How far a dial turned all the way moves this person's list.",
        "taste": f"What the model makes of the {many} a person likes.",
        "weak": "A knob that hardly brings what its name says; the search leaves it out unless asked.",
        "✓": f"A knob that finds {many} of its theme which it was never told about.",
        "more like this": f"A knob made of what a single {one} is made of.",
        "preset": "Dials under a name, perhaps with the person; kept in your browser.",
    }  # fmt: skip


LAB = {
    "recommender": "What turns likes into a ranking of everything, by way of an embedding.",
    "embedding": "A person's taste as a few hundred numbers that mean nothing one by one.",
    "code": "The same taste as a few active neurons that can be named. The sparse autoencoder translates.",
    "neuron": "One unit of the code, by number: #12. A neuron with a name is a knob.",
    "active": "A neuron is active for a person when its part in their code is above zero. Elsewhere called lit.",
    "dead": "A neuron that nothing activates.",
    "needs two": "An activation that no single like brings about: it takes two or more of them together.",
    "recipe": "The neurons that a theme's knob turns together, and how much of each.",
    "bundle": "A trained recommender with its data, names and measures: a folder with an id.",
    "held out": "Kept back while something was made, and used only to judge it.",
    "by chance": "The same procedure on made-up tags, whose items are exchanged for others as popular.",
    "Recall@20": "Hidden likes among the first 20, of those that fit there.",
    "nDCG@20": "The same, where a like counts more the further up it stands.",
    "own taste kept": "nDCG@20 on a person's hidden likes while a dial is turned.",
    "true cosine": "How alike two tastes are in the embedding, where nothing is flattened: 1 is the same.",
    "trust in the map": "How far what is close on the map is close in truth.",
}
