"""`scrapy genspider -t outlet NAME HOST`: Scrapy's own command, with the template of an outlet beside Scrapy's four."""

from __future__ import annotations

import sys
import sysconfig
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands.genspider import Command as ScrapyGenspider
from scrapy.exceptions import UsageError
from typing_extensions import override

if TYPE_CHECKING:
    import argparse

TEMPLATES = Path(__file__).with_name("templates")


def spiders_folder(module: str) -> Path:
    """Return the folder in which a spider of a package is written.

    Raises:
        UsageError: there is no such package, or it is installed: what is written there is lost with the next release.
    """
    spec = None
    with suppress(ModuleNotFoundError):  # the package in which it would be is not there
        spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise UsageError(f"there is no package {module!r} to write a spider into", print_help=False)
    folder = Path(spec.origin).resolve().parent
    if any(folder.is_relative_to(sysconfig.get_path(kind)) for kind in ("purelib", "platlib")):
        raise UsageError(
            f"the package {module!r} is installed, and nothing is written there: name one of your own in warraq.toml, "
            f'SPIDER_MODULES = ["{module}", "mine"] and NEWSPIDER_MODULE = "mine", or work in a checkout',
            print_help=False,
        )
    return folder


class Command(ScrapyGenspider):
    """A new spider, or a new outlet."""

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Begin a spider from a template; -t outlet for an outlet"

    @override
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if (module := self.settings["NEWSPIDER_MODULE"]) and not opts.list and not opts.dump:
            spiders_folder(module)
        super().run(args, opts)

    def _find_template(self, template: str) -> Path | None:
        ours = TEMPLATES / f"{template.removesuffix('.tmpl')}.tmpl"
        return ours if ours.exists() else super()._find_template(template)

    def _list_templates(self) -> None:
        super()._list_templates()
        sys.stdout.writelines(f"  {path.stem}\n" for path in sorted(TEMPLATES.glob("*.tmpl")))
