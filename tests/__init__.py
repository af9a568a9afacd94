"""The tests. A package of its own, as a data package among the dependencies installs one by the same name."""
