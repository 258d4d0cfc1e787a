"""The newsroom's view: what the archive says of the outlets, as numbers, tables, CSV and pictures.

figures.py    the numbers: hours, lags, who runs whose copy, agencies, edits, calendar
outlet.py     the numbers of one outlet's page
drawing.py    each table as an SVG, by matplotlib, light and dark
"""
