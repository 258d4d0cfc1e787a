"""The commands that this project adds to `scrapy`, one file each."""
