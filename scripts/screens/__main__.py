"""Walk the declared pages as every role, picture them, and say what is wrong with each.

    python -m scripts.screens [--only TEXT] [--role ROLE]

Uses the database of the environment (`DATABASE_URL`, or the embedded server), loading the demonstration when it is
not there. Writes `build/screens/<page>-<role>-<width>.png`, an `index.html` and `summary.txt`.
"""

import argparse
import os
import re
import shutil
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_ehs.settings")
# Playwright keeps an event loop in this thread; every record is chosen before it starts.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

import django
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from playwright.sync_api import Page as Tab

from cluster_ehs.core import servers
from scripts.serving import ROOT, serving

servers.ensure_started()
django.setup()

from django.core.management import call_command  # noqa: E402
from django.urls import NoReverseMatch, reverse  # noqa: E402

from cluster_ehs.core.scope import acting_as_user  # noqa: E402
from clusters.models import Cluster, User  # noqa: E402
from demo.sign_ins import FAMILY_CODE, FAMILY_TOKEN, PASSWORD  # noqa: E402
from scripts.screens.pages import FAMILY, PAGES, ROLES, SIGNED_OUT, Page  # noqa: E402

WIDTHS = (375, 1280)
# What follows the address of the family's page.
FAMILY_PAGES = {
    "Family's page": "",
    "Family's page in Romanian": "?language=ro",
    "Family's page: scores": "scores/",
    "Family's page: questions in Urdu": "questions/ons4/?language=ur",
    "Family's page: questions in English only": "questions/gad-7/?language=ro",
    "Family's page: an answer about safety": "questions/phq-9/",
    "Family's page: after such an answer": "?thanks=safety",
}
# The period of the publication.
PILOT = "?cluster={pk}&start-day=1&start-month=1&start-year=2021&end-day=30&end-month=6&end-year=2021"
FOLDER = ROOT / "build" / "screens"
OVERFLOW = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide + 1) return '';
  const out = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > wide + 1);
  const e = out[0];
  return e ? `${e.tagName.toLowerCase()}.${e.className} (${Math.round(e.getBoundingClientRect().right)} px)` : 'page';
}"""


@dataclass
class Shot:
    """One page as one role, with what was found."""

    page: Page
    role: str
    url: str
    files: list[str] = field(default_factory=list)
    status: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def stem(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", f"{self.page.title} {self.role}".lower()).strip("-")


def chosen(only: str, role: str) -> tuple[list[Shot], list[str]]:
    """What will be pictured, and what cannot be, with the reason."""
    shots, left_out = [], []
    for page in PAGES:
        for who in page.roles:
            if (only and only.lower() not in page.title.lower()) or (role and role != who):
                continue
            try:
                url = _address(page, who)
            except NoReverseMatch:
                left_out.append(f"{page.title}: no page named {page.url_name}")
                break
            if url:
                shots.append(Shot(page, who, url))
            else:
                left_out.append(f"{page.title} ({who}): no such record")
    if not only and (not role or role == FAMILY):
        shots.append(Shot(Page("Family's page: code", "family-plan", (SIGNED_OUT,)), SIGNED_OUT, f"/f/{FAMILY_TOKEN}/"))
        for title, rest in FAMILY_PAGES.items():
            shots.append(Shot(Page(title, "family-plan", (FAMILY,)), FAMILY, f"/f/{FAMILY_TOKEN}/{rest}"))
    return shots, left_out


def _address(page: Page, role: str) -> str:
    # Who sees nothing of a record is shown what the leader's or practitioner's choice looks like from outside.
    key = ROLES.get(role, "asha")
    chooser = "asha" if page.title in ("Not found", "Not allowed") else key
    user = User.objects.get(email=f"{chooser}@example.org")
    with acting_as_user(user.pk):
        record = page.record(user)
    if record is None:
        return ""
    query = page.query
    if query and not query.startswith("?language"):
        query = PILOT.format(pk=Cluster.objects.get(name__startswith="Pilot").pk)
    return reverse(page.url_name, kwargs=record) + query


def walk(browser: Browser, address: str, shots: list[Shot]) -> None:
    by_role: dict[str, list[Shot]] = defaultdict(list)
    for shot in shots:
        by_role[shot.role].append(shot)
    for role, own in by_role.items():
        context = browser.new_context(locale="en-GB", timezone_id="Europe/London", reduced_motion="reduce")
        enter(context, address, role)
        for shot in own:
            take(context, address, shot)
        context.close()
        print(f"{role}: {len(own)} pages", flush=True)


def enter(context: BrowserContext, address: str, role: str) -> None:
    """Sign in as people do, or open the family's page with its code."""
    tab = context.new_page()
    if role in ROLES:
        tab.goto(f"{address}/account/login/")
        tab.fill("input[name=login]", f"{ROLES[role]}@example.org")
        tab.fill("input[name=password]", PASSWORD)
        tab.press("input[name=password]", "Enter")
        tab.wait_for_url(lambda url: "/login" not in url)
    elif role == FAMILY:
        tab.goto(f"{address}/f/{FAMILY_TOKEN}/")
        tab.fill("input[name=code]", FAMILY_CODE)
        tab.press("input[name=code]", "Enter")
        tab.wait_for_load_state("networkidle")
    tab.close()


def take(context: BrowserContext, address: str, shot: Shot) -> None:
    tab = context.new_page()
    tab.on("console", lambda m: shot.wrong.append(f"console: {m.text}") if m.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: shot.wrong.append(f"script: {error}"))
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 812 if width < 700 else 900})
        if width == WIDTHS[0]:
            answer = tab.goto(address + shot.url, wait_until="networkidle")
            shot.status = answer.status if answer else 0
            if shot.page.fill:
                _fill(tab, shot)
        name = f"{shot.stem}-{width}.png"
        tab.screenshot(path=FOLDER / name, full_page=True)
        shot.files.append(name)
        over = tab.evaluate(OVERFLOW)
        if over:
            shot.wrong.append(f"overflow at {width} px: {over}")
    expected = {"Not found": 404, "Not allowed": 404}.get(shot.page.title, 200)
    if shot.status != expected:
        shot.wrong.append(f"status {shot.status}")
    for found in Axe().run(tab).response["violations"]:
        where = "; ".join(" ".join(map(str, node["target"])) for node in found["nodes"][:3])
        shot.wrong.append(f"axe {found['impact']}: {found['id']} ({len(found['nodes'])}): {where}")
    tab.close()


def _fill(tab: Tab, shot: Shot) -> None:
    """Fill the first form that has these fields and send it."""
    for name, value in shot.page.fill:
        box = tab.locator(f"main [name={name}], header [name={name}]").first
        if not box.count():
            shot.wrong.append(f"no field {name}")
            return
        box.fill(value)
    box.press("Enter")
    tab.wait_for_load_state("networkidle")


def write_summary(shots: list[Shot], left_out: list[str]) -> int:
    wrong = [shot for shot in shots if shot.wrong]
    lines = [f"{len(shots)} pages by role, {len(WIDTHS)} widths each; {len(wrong)} with something wrong.", ""]
    for shot in wrong:
        lines += [
            f"{shot.page.title} ({shot.role}) {shot.page.url_name}",
            *(f"  {line}" for line in dict.fromkeys(shot.wrong)),
        ]
    lines += ["", "Not pictured:", *(f"  {line}" for line in left_out)] if left_out else []
    (FOLDER / "summary.txt").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    return len(wrong)


def write_index(shots: list[Shot]) -> None:
    """All pictures on one page, grouped by page, phone beside desk."""
    parts: list[str] = []
    for title in dict.fromkeys(shot.page.title for shot in shots):
        parts.append(f"<h2>{escape(title)}</h2>")
        for shot in (s for s in shots if s.page.title == title):
            notes = "".join(f"<li>{escape(line)}</li>" for line in dict.fromkeys(shot.wrong))
            pictures = "".join(
                f'<a href="{name}"><img src="{name}" alt="{escape(shot.role)}" loading="lazy"></a>'
                for name in shot.files
            )
            parts.append(f"<section><h3>{escape(shot.role)}</h3><ul>{notes}</ul><div>{pictures}</div></section>")
    style = (
        "body{font:16px sans-serif;margin:2rem}div{display:flex;gap:1rem;align-items:flex-start}"
        "img{max-width:45vw;max-height:70vh;border:1px solid #999}li{color:#a00}"
    )
    (FOLDER / "index.html").write_text(
        f'<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>Screens</title><style>{style}</style>'
        f"<h1>Screens</h1>{''.join(parts)}</html>"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.screens", description=__doc__.split("\n")[0] if __doc__ else ""
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="Only pages whose title contains this.")
    parser.add_argument("--role", default="", choices=["", *ROLES, SIGNED_OUT, FAMILY])
    options = parser.parse_args()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        print("Chromium is not installed (Debian package: chromium), so no page can be pictured.")
        return 1
    call_command("migrate", verbosity=0)
    call_command("load_demo", if_empty=True, quiet=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    shots, left_out = chosen(options.only, options.role)
    with serving("scripts.screens.wsgi") as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        walk(browser, address, shots)
        browser.close()
    write_index(shots)
    write_summary(shots, left_out)
    print(f"\n{Path(FOLDER / 'index.html').relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
