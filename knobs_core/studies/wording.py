"""What the page of a study says by itself, beside the texts of its file: in English, or in the words of the file.

    [words]
    next = "Weiter"
    left = "Linke Liste"

The browser is told the language by the study's ``language``, so that a page read aloud is spoken in it.
"""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Sentence = Annotated[str, Field(min_length=1, max_length=300)]
KEPT = (
    "Kept are the titles that you choose, what you are shown, what you answer and how long each answer takes. No name, "
    "no address. It stays on the machine of this server. You can stop and withdraw at any moment; then all of it is "
    "deleted."
)


class Wording(BaseModel):
    """The fixed words of a study's page.

    invited, unknown, code, go_on: to whoever comes without the link of an invitation, or with one that nobody has
    before, kept, agree, begin: at the consent; what is kept has to be said whatever the language
    step: how far somebody is, with {step} and {steps} in it
    titles: asks for titles, "" for a sentence with their number; famous, other, search: the two ways to choose them
    left, right, same: two lists, and no difference between them
    answer: names the answers to a comparison for whoever hears the page; missing: nothing is chosen; next: goes on
    done: after the last step; stop, withdraw, deleted, delete: the way out before and after it, and what it does
    gone, nothing: to whoever has withdrawn
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    invited: Sentence = "This study is for invited people. Open the link of your invitation, or paste it here."
    unknown: Sentence = "Nobody was invited by this code. Is the whole link there? Open it once more, or paste it here."
    code: Sentence = "Link or code"
    go_on: Sentence = "Go on"
    before: Sentence = "Before you begin"
    kept: Annotated[str, Field(min_length=1, max_length=900)] = KEPT
    agree: Sentence = "I have read this, and I want to take part."
    begin: Sentence = "Begin"
    step: Sentence = "{step} of {steps}"
    titles: Annotated[str, Field(max_length=300)] = ""
    famous: Sentence = "Some that many people know"
    other: Sentence = "Any other"
    search: Sentence = "Type a name"
    left: Sentence = "Left list"
    same: Sentence = "No difference"
    right: Sentence = "Right list"
    answer: Sentence = "Your choice"
    missing: Sentence = "Choose one first."
    next: Sentence = "Next"
    done: Sentence = "Thank you"
    stop: Sentence = "Stop and withdraw"
    withdraw: Sentence = "Withdraw"
    deleted: Sentence = "All that is kept of you is deleted, and your link opens nothing any more."
    delete: Sentence = "Withdraw and delete my answers"
    gone: Sentence = "You have withdrawn"
    nothing: Sentence = "Nothing of yours is kept. You may close this page."

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if len({*self.choices}) < len(self.choices):
            raise ValueError("left, same and right: two of them are the same")
        return self

    @property
    def choices(self) -> tuple[str, str, str]:
        """What may be chosen of two lists, as ``SIDES`` has it."""
        return self.left, self.same, self.right
