"""The five sites: for each, its pages by era, its channels, its oddities."""
