"""`kinovox.verifiers` by a name without a dot, under which the commands of verifiers find environments."""

from kinovox.verifiers import KinovoxEnv, KinovoxTaskset

__all__ = ["KinovoxEnv", "KinovoxTaskset"]
