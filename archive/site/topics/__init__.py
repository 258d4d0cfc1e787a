"""Topics: the people, places and organisations that an article is about, found without any model.

names.py         names that a text introduces, the words and clitics around them, and what an article is about
gazetteer_db.py  the names seen so far, their variants and mentions, in the site's database
"""
