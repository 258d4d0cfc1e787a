"""How an outlet is treated while it is crawled.

In the order in which a request passes:

    RestingQueue        the scheduler's queue    a host that asked for a rest gives no requests, the others go on
    PackedQueue         its queues           pages that wait take little memory
    RobotsMiddleware    100                      robots.txt as RFC 9309; Crawl-delay and Request-rate
    TdmRepMiddleware    120                      what the host reserves (tdmrep.json): noted, refused where that is set
    ContactMiddleware   500                      a User-Agent that says who asks; no crawl without a contact
    RetryAfterMiddleware 550                     429 and 503: Retry-After, or exponential back-off, per host
    BreakerMiddleware   580                      one block page after another ends the crawl
    CaptureMiddleware   990                      nearest the wire, so all of this is archived: robots.txt too
"""
