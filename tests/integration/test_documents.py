"""The documents that a newcomer follows do what they say; every page's links lead somewhere; the site asks no other host for anything."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.documents import PROJECT, RUN, blocks_of, run_page

DOCS = PROJECT / "docs"
FOLLOWED = ("quickstart.md", "connect.md", "tutorial.md")
LOADS = re.compile(r"""<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href)=["']?(https?:)?//""")


@pytest.mark.timeout(900)  # the quickstart simulates, feeds and publishes 20,000 citizens
@pytest.mark.parametrize("page", FOLLOWED)
def test_what_a_page_tells_to_do_can_be_done(page: str, tmp_path: Path) -> None:
    assert run_page(DOCS / page, tmp_path) >= 5


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md") if path.name not in (*FOLLOWED, "questions.md")))
def test_other_pages_hold_yaml_that_can_be_read_and_nothing_that_would_need_running(page: str) -> None:
    for block in blocks_of(DOCS / page):
        if block.language in ("yaml", "yml"):
            assert yaml.safe_load(block.text.replace("[...]", "[]")) is not None, block
        else:
            assert block.language not in RUN or block.mark.startswith("not run: "), (
                f"{block}: say why it is not run, or add the page to FOLLOWED"
            )


def test_a_block_that_does_something_else_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```bash\ntest 1 = 2\n```\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"page.md:2 \(bash\)"):
        run_page(page, tmp_path)


@pytest.mark.security("S28")
def test_the_site_builds_strictly_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        for found in LOADS.finditer(page.read_text(encoding="utf-8")):
            tag = found[0]
            assert 'rel="canonical"' in tag or "rel=canonical" in tag, f"{page.name}: {tag}"
    styles = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "site").rglob("*.css"))
    assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", styles)
