"""WHERE: the bytes and the record. This floor imports no Scrapy: a consumer needs boto3 and warcio alone."""
