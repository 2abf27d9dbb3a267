"""The parts of ``simulate``: people and what they meet (world), what is written (texts), the files (exports)."""
