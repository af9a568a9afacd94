"""Programs in processes of their own, which need not import the heavy packages of others once more.

A server (``multiprocessing``'s) imports these and forks for each program: seconds less a program. Nothing of Knobs is
imported there, so that every program shows that it imports what it needs.
"""

import multiprocessing
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

OTHERS = ["torch", "pandas", "pyarrow.parquet", "pyarrow.compute", "scipy.linalg", "scipy.sparse", "pydantic", "rich"]


def printed(code, home, *arguments):
    """What a program prints that runs in a folder, with KNOBS_HOME there; it has to end well."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(OTHERS)
    with TemporaryDirectory() as folder:
        told = [Path(folder, name) for name in ("out", "err")]
        process = context.Process(target=_run, args=(code, str(home), list(map(str, arguments)), *map(str, told)))
        process.start()
        process.join()
        out, err = (one.read_text(encoding="utf-8") for one in told)
    assert process.exitcode == 0, err
    return out


def _run(code, home, arguments, out, err):
    for name, descriptor in ((out, 1), (err, 2)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT), descriptor)
    os.chdir(home)
    os.environ["KNOBS_HOME"] = home
    sys.argv[:] = ["-c", *arguments]
    main = sys.modules["__main__"] = type(sys)("__main__")
    exec(compile(code, "<program>", "exec"), vars(main))
