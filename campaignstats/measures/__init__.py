"""Table -> table, a file per question."""
