"""Names that sign an article and are neither a person nor a wire agency: outlets, desks, picture sources."""

from __future__ import annotations

import re

from crawlers.extraction.agencies import code_of, part_key

_OUTLETS = """
العربي الجديد، alaraby aljadeed، al araby al jadeed، alaraby، the new arab، العربي، الجزيرة، الجزيرة نت، الجزيرة.نت، شبكة الجزيرة، موقع الجزيرة، قناة الجزيرة، الجزيرة مباشر، الجزيرة الإنجليزية، al jazeera، aljazeera، aljazeera net، al jazeera staff،
سكاي نيوز عربية، سكاي نيوز، sky news arabia، sky news، البوابة، البوابة نيوز، موقع البوابة، al bawaba، albawaba، al bawaba news، albawaba news، البوابة العربية، بوابة البوابة نيوز،
سبق، عين اليوم، اليوم السابع، المصري اليوم، الشروق، الأهرام، بوابة الأهرام، الوطن، الدستور، عكاظ، الرياض اليوم، الشرق الأوسط، الحياة، العربية، العربية نت، العربية.نت، الحدث، الشرق، اقتصاد الشرق، روسيا اليوم، آر تي عربي، آر تي، بي بي سي، بي بي سي عربي، bbc، bbc arabic، سي إن إن، سي إن إن بالعربية، cnn، cnn arabic، دويتشه فيله، dw، فرانس 24، france 24، يورونيوز، الحرة، مونت كارلو، القدس العربي، رأي اليوم، عربي21، عربي 21، إرم نيوز، الميادين، المنار، النهار، الأخبار، الغد، الرأي، الخليج، البيان، الاتحاد، الإمارات اليوم، الراية، القبس، الأنباء، الراي، الجريدة، syndigate، syndigate.info
"""
_DESKS = re.compile(
    r"(?:(?:قسم|هييه|فريق|اداره|مكتب|وحده|شبكه|غرفه|ديسك)\s(?:ال)?(?:تحرير|متابعه|ترجمه|اخبار|رياضه|رياضي|اقتصاد|سوشيال|تحقق|مراسلين|مراسلون|برامج|انباء|انبا|فيديو|ويب|موقع|جزيره|شوون|تحقيقات|سياس|دولي|محليات).*"
    r"|التحرير|المحرر(?: .{2,14})?|محرر(?: .{2,14})?|تحرير|كتاب|خاص|خاص .{2,20}|مراسلون|مراسلونا|مراسلو .{2,20}|مراسل(?:نا|تنا)"
    r"|editor|editors|admin|administrator|staff|news desk|webmaster|newsroom|desk|staff writer|author|unknown|null|none|غير معروف)"
)
_PICTURES = """
غيتي، غيتي إيميجز، غيتي ايميجز، غيتي إيمجز، جيتي، جيتي إيميجز، getty، getty images، gettyimages، شترستوك، شاترستوك، شتر ستوك، shutterstock، الأوروبية، الصحافة الأوروبية، وكالة الأنباء الأوروبية، epa، أي بي إيه، istock، flickr، فليكر، ويكيبيديا، ويكيميديا، wikimedia، unsplash، pixabay، أنسبلاش، imago، zuma، zuma press، nurphoto، sipa،
مواقع التواصل، مواقع التواصل الاجتماعي، وسائل التواصل، وسائل التواصل الاجتماعي، منصات التواصل، منصات التواصل الاجتماعي، التواصل الاجتماعي، ناشطون، نشطاء، تويتر، منصة إكس، إكس، فيسبوك، فيس بوك، إنستغرام، انستغرام، انستقرام، يوتيوب، تيك توك، تلغرام، تليغرام، twitter، facebook، instagram، youtube، tiktok، telegram، x،
أرشيف، أرشيفية، صورة أرشيفية، من الأرشيف، الأرشيف، archive، صورة متداولة، صور متداولة، متداولة، مواقع إلكترونية، الإنترنت، إنترنت، مواقع سورية، صحافة محلية، الإعلام الحربي، التلفزيون السوري، التلفزيون الإيراني، free، free/، مولدة بالذكاء الاصطناعي، الذكاء الاصطناعي
"""


def _keys(names: str) -> frozenset[str]:
    return frozenset(part_key(name.strip()) for name in names.replace("\n", " ").split("،") if name.strip())


OUTLETS = _keys(_OUTLETS)
PICTURES = _keys(_PICTURES)


def is_outlet_name(name: str) -> bool:
    """Say whether ``name`` is a newspaper, channel or site, or one of its desks; not a person."""
    key = part_key(name)
    return key in OUTLETS or bool(_DESKS.fullmatch(key))


def is_picture_source(name: str) -> bool:
    """Say whether ``name`` credits a picture without being a wire agency: a picture agency, an archive, social media."""
    return part_key(name) in PICTURES


def is_agency(name: str) -> bool:
    """Say whether ``name`` as a whole is a wire or picture agency, named or not («وكالات»); never a person."""
    return code_of(name) is not None or is_picture_source(name)
