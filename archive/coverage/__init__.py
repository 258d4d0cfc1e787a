"""How complete the archive is: per outlet and day, what was announced, captured, refused, failed, late, and what nobody heard of.

events/…  ─┐
           ├─▶ facts.py     one fact a page, whatever crawls and channels told of it
articles/… ┘      ├─▶ days.py       sums by outlet and day, and whether the day is complete
                  ├─▶ estimate.py   what every channel missed (capture and recapture)
                  └─▶ calendar.py   a picture of a year
"""
