"""What a person does in the browser, as sentences. Everything is found as a person finds it: by its words.

The same steps serve with and without JavaScript; only `no_violations` needs it, and says nothing without.
"""

import re
from datetime import date
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page, expect

from clusters.models import User
from tests.fixtures_cast import PASSWORD

# Comes with each page (`conftest.Visitors`): sent to it afterwards, its half megabyte would be read anew each time.
AXE = AXE_SCRIPT
# Of what axe finds only what is wrong: the rest is long, and nobody reads it.
RUN_AXE = "axe.run({resultTypes: ['violations']}).then(found => found.violations)"
# A page that is refused on purpose; the browser notes the refusal of the page itself in its console.
REFUSALS = re.compile(r"status of (401|403|404|409|422)")
_HEARD: dict[Page, list[str]] = {}


def watch(page: Page) -> None:
    """Keep what the browser complains about: scripts that fail, and what the content security policy stops."""
    heard = _HEARD[page] = []
    page.on("pageerror", lambda error: heard.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda message: (
            heard.append(f"{page.url}: {message.text}")
            if message.type == "error" and not REFUSALS.search(message.text)
            else None
        ),
    )
    page.on("close", lambda closed: _HEARD.pop(closed, None))


def no_violations(page: Page) -> None:
    """axe finds nothing, no script failed and the content security policy stopped nothing."""
    assert _HEARD[page] == []
    if not has_script(page):
        return
    found = page.evaluate(RUN_AXE)
    told = [
        f"{rule['id']} ({rule['impact']}): {rule['help']}\n    "
        + "\n    ".join(node["html"][:200] for node in rule["nodes"][:4])
        for rule in found
    ]
    assert not told, f"{page.url}\n" + "\n".join(told)


def has_script(page: Page) -> bool:
    """Early in each page a script marks the body; without JavaScript the mark is missing."""
    return page.locator("body.js-enabled").count() > 0


def has_focus(control: Locator) -> None:
    """The keys go to this control. Whether the browser's window is the one in front is not the page's doing."""
    for _ in range(100):
        if control.evaluate("at => document.activeElement === at"):
            return
        control.page.wait_for_timeout(50)
    raise AssertionError(f"{control} has not the focus")


def main(page: Page) -> Locator:
    return page.locator("main")


def reads(page: Page, *texts: str) -> None:
    for text in texts:
        expect(main(page)).to_contain_text(text)


def does_not_read(page: Page, *texts: str) -> None:
    for text in texts:
        expect(main(page)).not_to_contain_text(text)


def is_titled(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", name=text).first).to_be_visible()


def sign_in(page: Page, user: User) -> None:
    page.goto("/account/login/")
    sign_in_here(page, user)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def sign_in_here(page: Page, user: User) -> None:
    """On the sign-in page where the person has been sent."""
    fill(page, "E-mail address", user.email)
    fill(page, "Password", PASSWORD)
    press(page, "Sign in")


def words(text: str) -> re.Pattern[str]:
    """A label, whether or not the page calls it optional."""
    return re.compile(rf"^\s*{re.escape(text)}(\s*\(optional\))?\s*$")


def fill(page: Page | Locator, label: str, text: Any) -> None:
    page.get_by_label(words(label)).fill(str(text))


def select(page: Page | Locator, label: str, option: str | re.Pattern[str]) -> None:
    """The option whose words are, or begin with, these."""
    field = page.get_by_label(words(label))
    found = option if isinstance(option, re.Pattern) else re.compile(rf"^\s*{re.escape(option)}")
    value = field.locator("option").filter(has_text=found).first.get_attribute("value")
    field.select_option(value=value)


def group(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("group", name=words(name))


def choose(page: Page | Locator, name: str, *options: str) -> None:
    """Tick or pick these of a group of choices."""
    for option in options:
        group(page, name).get_by_label(re.compile(rf"^\s*{re.escape(option)}(, .*)?\s*$")).check()


def fill_date(page: Page | Locator, name: str, day: date) -> None:
    of = group(page, name)
    for part, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        fill(of, part, value)


def press(page: Page | Locator, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def to_follow(page: Page | Locator, name: str | re.Pattern[str]) -> Locator:
    """A link, whether it looks like one or like a button."""
    exact = isinstance(name, str)
    return (
        page.get_by_role("link", name=name, exact=exact).or_(page.get_by_role("button", name=name, exact=exact)).first
    )


def follow(page: Page | Locator, name: str) -> None:
    to_follow(page, name).click()


def follow_like(page: Page | Locator, start: str) -> None:
    """A link whose words begin so; the rest says for whom. Words that only a screen reader hears begin with a space."""
    to_follow(page, re.compile("^" + re.escape(start).replace(":", r"\s*:"))).click()


def unfold(page: Page, summary: str) -> None:
    page.locator("summary").filter(has_text=summary).first.click()
