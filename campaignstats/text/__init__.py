"""Text -> tags: normalise, tokens (the only code that knows underthesea), themes, sentiment, privacy."""
