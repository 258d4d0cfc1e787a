"""Each archive has a spool of its own, whatever signs its name is made of."""

from scrapy.settings import Settings

from archive.spool.spool import claim, spool_of
from crawlers.configuration import Destination

ALIKE = ("s3://news/a-b", "s3://news/a/b", "s3://news-a/b", "s3://News/a-b")
ARABIC = ("s3://news/أخبار", "s3://news/رياضة", "s3://news")


def test_archives_whose_names_have_the_same_letters_have_spools_of_their_own(tmp_path):
    for names in (ALIKE, ARABIC):
        for name in names:
            claim(tmp_path, name)
        places = [spool_of(tmp_path, name) for name in names]
        assert len(set(places)) == len(names)
        assert [spool_of(tmp_path, name) for name in names] == places


def test_the_first_has_the_plain_name_and_a_spool_of_before_is_found_again(tmp_path):
    (tmp_path / "s3-news-a-b" / "outlet" / "closed").mkdir(parents=True)
    assert spool_of(tmp_path, ALIKE[1]) == tmp_path / "s3-news-a-b"
    claim(tmp_path, ALIKE[1])
    assert spool_of(tmp_path, ALIKE[1]) == tmp_path / "s3-news-a-b"
    assert spool_of(tmp_path, ALIKE[0]) != tmp_path / "s3-news-a-b"


def test_to_ask_makes_nothing(tmp_path):
    spool_of(tmp_path / "spool", ALIKE[0])
    assert not list(tmp_path.iterdir())


def test_a_crawl_claims_its_spool_and_the_catalog_beside_it(tmp_path):
    def destination(name):
        return Destination.from_settings(
            Settings({"ARCHIVE_URI": str(tmp_path / name), "SPOOL_DIR": str(tmp_path / "spool")})
        )

    first, second = destination("news-a"), destination("news/a")
    assert first.catalog == second.catalog  # neither has begun yet
    first.check()
    destination("news/a").check()
    assert destination("news-a").spool == first.spool
    assert destination("news/a").catalog != first.catalog
