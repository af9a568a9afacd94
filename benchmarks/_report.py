"""What all benchmarks share: repeated timings, a table on stdout, and JSON with the hardware beside it."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("torch", "numpy", "scipy", "streamlit", "elsarec", "eai-sparsify", "sae-lens")


def median_ms(
    work: Callable[[], object], repeat: int = 20, warm: int = 2, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Median milliseconds of one call, after some that do not count."""
    for _ in range(warm):
        work()
    times = []
    for _ in range(repeat):
        began = clock()
        work()
        times.append(clock() - began)
    return statistics.median(times) * 1e3


def hardware() -> dict:
    """Processor, cores, load when asked, and versions of what the figures depend on."""
    cpu = Path("/proc/cpuinfo")
    names = [line for line in cpu.read_text().splitlines() if line.startswith("model name")] if cpu.exists() else []
    return {
        "processor": names[0].partition(":")[2].strip() if names else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "load_1_min": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "versions": {name: found for name in LIBRARIES if (found := _version(name))},
    }


def report(name: str, rows: list[dict], notes: str = "", **more: object) -> None:
    """Print rows as a table and write them, and more, to ``results/NAME.json``; rows may lack columns."""
    machine = hardware()
    versions = ", ".join(f"{library} {number}" for library, number in machine["versions"].items())
    print(f"{name}: {machine['processor']}, {machine['cores']} cores, load {machine['load_1_min']}, {versions}")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = [columns, *([_text(row.get(column)) for column in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    if notes:
        print(notes)
    RESULTS.mkdir(exist_ok=True)
    document = {"benchmark": name, "hardware": machine, "rows": rows, "notes": notes, **more}
    (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _text(value: object) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
