"""Topics: the people, places and organisations that an article is about, found without any model.

    text ──tokens──▶ words ──names──▶ «رستم عمروف» (person, after «وزير الدفاع الأوكراني»), «مجلس الأمن» …
                                          │ seen in several articles
                                          ▼
             outlets' tags ───────▶ Gazetteer ──mentions──▶ (entry, where, how often) ──weight──▶ topics

    words.py      words of a text, folded, with their place in the original
    clitics.py    و، ف، ب، ل، ك، ال before a word: «ولعمروف» is «عمروف»
    lexicon.py    the words by which newspapers introduce names (lexicon.toml)
    names.py      names that a text introduces
    gazetteer.py  known names, and where a text mentions them
    weight.py     what an article is about, among all that it mentions

Pure functions over text: what is known and what was seen is kept by who asks (archive/site/index). `tags` of an article
stay the outlet's own; what is found here is called `topics`.
"""
