"""Runs that are killed: ``python killed.py`` replaces a bundle by another one and is killed at every step.

A child process counts every file that Python opens, makes, renames and removes, and ends at the n-th without any
clean-up; n goes up until a child comes to its end. After each the bundle is read. Each line of stdin asks for one such
replacement, as JSON: [old, new, where, mode, keep]; each is answered by a line on stdout.
"""

import json
import os
import shutil
import sys
import warnings
from pathlib import Path

STEPS = ("os.mkdir", "os.rename", "os.remove", "os.rmdir")


def child(bundle, path, keep, last):
    """Replace the bundle at ``path``; ends the process just before step ``last``."""
    from knobs_core import bundles

    steps = iter(range(last))

    def count(event, arguments):
        opened = event == "open" and str(arguments[0]).startswith(str(path.parent))
        if (opened or event in STEPS) and next(steps, None) is None:
            os._exit(9)

    sys.addaudithook(count)
    bundles.save(bundle, path, keep)
    os._exit(0)


def replaced(old, new, where, mode, keep):
    """What lay there after each kill. old: "" where nothing was there; mode: "exchange" or "renames"."""
    from knobs_core import base, bundles
    from knobs_core.base import BundleError, places

    # By renames as on a system that cannot exchange two names.
    places.exchange = base.exchange if mode == "exchange" else lambda *_: False
    bundle, where = bundles.load(new), Path(where).resolve()
    os.fsync = lambda _: None  # who is killed, unlike a machine without power, leaves what was written
    path, ended, ids, left, most = where / "b", None, [], [], 0
    while ended != 0:
        shutil.rmtree(where, ignore_errors=True)
        where.mkdir()
        if old:
            shutil.copytree(old, path)
        pid = os.fork()
        if not pid:
            child(bundle, path, keep, len(ids))
        ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        most = max(most, len(list(where.iterdir())))
        try:
            ids.append(bundles.load(path).id)
        except BundleError as error:
            ids.append(str(error))
        kept = [one.id for one in bundles.versions(path)]
        with places.writing(path):  # sweeps
            pass
        rest = {file.name for file in where.iterdir()} - {"b", ".b.lock", *(file.name for file in places.kept(path))}
        left.append({"rest": sorted(rest), "kept": kept})
    return {"ids": ids, "left": left, "most": most, "new": bundle.id}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        print(json.dumps(replaced(*json.loads(line))), flush=True)
