"""Topics: the people, places and organisations that articles name, found without any model.

names.py      words, and the names that a text introduces      lexicon.toml, places.tsv  what is known before any article is read
entries.py    which phrases of an archive are names            gazetteer.py              where an article names them, and how much
"""
