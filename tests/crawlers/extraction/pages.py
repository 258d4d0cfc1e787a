"""Small pages for tests of single steps."""

from datetime import UTC, datetime

from crawlers.addresses import AddressRules
from crawlers.extraction import ExtractionRules, Page, read

URL = "https://paper.example/news/12345"
CAPTURED = datetime(2026, 7, 28, 20, 0, tzinfo=UTC)
ADDRESSES = AddressRules(
    outlet="paper",
    hosts=("paper.example",),
    kinds={"opinion": r"^/opinion/(?P<id>\d+)$", "article": r"^/(?P<section>[a-z]+)/(?P<id>\d+)$"},
)
READING = ExtractionRules(number=3, zone="Asia/Riyadh", names=("الجريدة",), body=("div.story",), standfirst=("p.lead",))
PARAGRAPHS = (
    "أعلنت الهيئة العامة للموانئ أن باخرة شحن رست صباح الثلاثاء على الرصيف الشرقي، وأن التفريغ سيستمر أربعة أيام.",
    "وقال مدير الميناء إن الفرق الفنية انتهت من صيانة رافعتين، مضيفا أن القدرة اليومية ارتفعت إلى سبعة آلاف طن.",
    "وطالب أصحاب المخابز بتثبيت سعر الطحين حتى نهاية العام، محذرين من زيادة في أجور النقل تنعكس على الأسعار.",
)
HEADLINE = "باخرة قمح ترسو في الميناء بعد توقف طويل"


def story(*lines, head="", headline=HEADLINE, around="{}", cls="story"):
    """Return a page whose story holds ``lines`` (HTML, or text that becomes a paragraph)."""
    body = "\n".join(line if line.startswith("<") else f"<p>{line}</p>" for line in lines or PARAGRAPHS)
    inner = around.format(f'<h1>{headline}</h1><div class="{cls}">{body}</div>')
    return f'<html lang="ar"><head><meta charset="utf-8"><title>{headline} | الجريدة</title>{head}</head><body>{inner}</body></html>'


def read_page(markup, *, url=URL, reading=READING, addresses=ADDRESSES, **page):
    """Read markup (text or bytes) as the paper's page."""
    body = markup if isinstance(markup, bytes) else markup.encode()
    return read(Page(**{"url": url, "captured": CAPTURED, "body": body, **page}), reading=reading, addresses=addresses)
