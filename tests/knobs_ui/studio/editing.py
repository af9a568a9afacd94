"""An editor by Streamlit's own test runner: what they press and type, and what the desk's front end would send."""

import dataclasses

from streamlit.testing.v1 import AppTest

from knobs_ui.studio.picker import RECIPE
from tests.knobs_ui.driving import VERSIONS, from_browser, sound, start, told


@dataclasses.dataclass
class Editor:
    """Somebody at a recipe."""

    app: AppTest
    name: str

    @classmethod
    def at(cls, name):
        """Somebody at a recipe, in a session of their own."""
        app = start()
        app.query_params[RECIPE] = name
        sound(app.run().switch_page("pages/recipe.py").run())
        return cls(app, name)

    @property
    def desk(self):
        """What the desk was last told."""
        return told(self.app, "knobs_desk")

    @property
    def recipe(self):
        """The recipe in hand."""
        return self.app.session_state["drafts"][self.name].recipe

    def say(self, **what):
        """Send what the desk's front end would send; events last for one run."""
        from_browser(self.app, "desk", **what)
        self.app.run()
        from_browser(self.app, "desk", dials=what.get("dials"))
        return sound(self.app)

    def turn(self, held=False, **amounts):
        """Turn knobs that are on the desk."""
        amounts = {key.replace("_", "-"): amount for key, amount in amounts.items()}
        return self.say(dials={"amounts": amounts, "version": str(next(VERSIONS)), "held": held})

    def add(self, key, amount):
        """A knob from the search, turned."""
        self.say(add=key)
        return self.say(dials={"amounts": {key: amount}, "version": str(next(VERSIONS)), "held": False})

    def tab(self, name):
        """Open a tab, as a click on it would."""
        self.app.session_state[f"recipe tab {self.name}"] = name
        return sound(self.app.run())

    def field(self, kind, field):
        """A field of the rules."""
        return getattr(self.app, kind)(key=f"{self.name} {field}")

    def find(self, where, typed, title):
        """Look for a title and pick it."""
        self.app.text_input(key=f"{self.name} {where} typed").input(typed).run()
        return press(self.app, title)

    def save(self):
        """Save the draft."""
        return press(self.app, "Save")

    @property
    def said(self):
        """What toasts say, without what is only there to keep Markdown away."""
        return " ".join(bare(toast.value) for toast in self.app.toast)


def press(app, label):
    """Press a button by what it says, or by its key."""
    found = [one for one in app.button if label in (bare(one.label), one.key)]
    assert found, f"no {label} among {[bare(one.label) for one in app.button]}"
    found[0].click()
    return sound(app.run())


def bare(text):
    return text.replace("\u2060", "").replace("\\", "")


def texts(app):
    """All that a page says, in one text."""
    said = [
        one.value for kind in ("markdown", "caption", "warning", "error", "info", "success") for one in app.get(kind)
    ]
    return bare(" ".join([*said, *(block.proto.body for block in app.get("html"))]))
