"""`scrapy genspider -t outlet NAME HOST`: Scrapy's own command, with the template of an outlet beside Scrapy's four."""

from __future__ import annotations

import sys
from pathlib import Path

from scrapy.commands.genspider import Command as ScrapyGenspider

TEMPLATES = Path(__file__).with_name("templates")


class Command(ScrapyGenspider):
    """A new spider, or a new outlet."""

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Begin a spider from a template; -t outlet for an outlet"

    def _find_template(self, template: str) -> Path | None:
        ours = TEMPLATES / f"{template.removesuffix('.tmpl')}.tmpl"
        return ours if ours.exists() else super()._find_template(template)

    def _list_templates(self) -> None:
        super()._list_templates()
        sys.stdout.writelines(f"  {path.stem}\n" for path in sorted(TEMPLATES.glob("*.tmpl")))
