"""Study: what invited people see, one step after the other. It is there where the server has a study."""

from knobs_ui import shell

shell.require_router()

from knobs_ui import state, study

study.visit(shell.open_bundle())
state.say_told()
