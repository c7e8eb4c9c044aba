"""Finding offers, providers and needs by what people type: words, parts of words, pinyin and its initials."""
