"""A small transformer learns a text task for two agents by GRPO through the real loop: docs/learning-language.md. `python -m grpo` trains it."""
