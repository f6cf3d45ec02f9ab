"""What in a plain text, or in a web page saved as text, is the statement, and what only stands around it."""

import re
from dataclasses import dataclass, field

from corpus.readers.draft import Draft
from corpus.readers.encoding import decode
from corpus.readers.furniture import (
    Furniture,
    begins_with_mark,
    crumbs,
    date_in,
    furniture,
    is_change,
    is_entry,
    is_home,
    is_official,
    is_step_mark,
    navigation_count,
    owner,
    source,
)
from corpus.readers.masthead import introduced, is_public_body, read_masthead
from corpus.readers.metadata import kind_of, speaker_in_title

_HEADER = re.compile(r"(?P<key>[A-Za-z][A-Za-z ]{0,20}?)[ \t]*:[ \t]+(?P<value>\S.*)")
FIELDS = {
    "title": "title",
    "date": "published",
    "published": "published",
    "speaker": "speaker",
    "issuer": "issuer",
    "url": "url",
    "kind": "kind",
    "language": "language",
}
"""What a header line may be called, and what of a `Draft` it states."""
_LONGEST_TITLE = 200
_TITLE_END = re.compile(r"[.!?:;,。！？：；，…][\"'’”»)]*$")
_NO_TITLE = re.compile(
    r"(?i:question|answer|q|a)\s*[:.)]|(?i:dear|ladies and|distinguished|excellenc(?:y|ies))\b|[-*•#]|"
    r"\d{1,2}[:.]\d\d\b|[A-Z][A-Z .'’-]{1,40}:"
)


@dataclass(slots=True)
class _Page:
    """What is known so far of a document, and the lines of it that are not yet accounted for."""

    lines: list[str]
    known: dict[str, str] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    source: str | None = None
    is_web_page: bool = False
    has_masthead: bool = False

    def note(self, name: str, value: str | None) -> None:
        """Keep what was read first: what stands above is the more explicit."""
        if value:
            self.known.setdefault(name, value)


def read(data: bytes) -> Draft:
    r"""The statement in a text file; menus and footers are left out only where they show beyond doubt.

    >>> draft = read(b"Statement on Zinc\n\nZinc is up.\n")
    >>> draft.title, draft.text
    ('Statement on Zinc', 'Zinc is up.')

    Raises `Unreadable` when the bytes are not text.
    """
    page = _Page(canonical(decode(data)).split("\n"))
    _take_headers(page)
    _take_menu(page)
    _take_masthead(page)
    _take_title(page)
    _take_lines_under_title(page)
    _take_footer(page)
    page.note("issuer", page.source)
    text = canonical("\n".join(page.lines))
    title = page.known.get("title")
    opening = introduced(text.partition("\n")[0])
    page.note("published", opening.published)
    page.note("kind", opening.kind or kind_of(" > ".join(page.steps)) or (kind_of(title) if title else None))
    page.note("speaker", speaker_in_title(title) if title else None)
    return Draft(text=text, **page.known)


def canonical(text: str) -> str:
    r"""The text with line feeds between lines and nothing else changed, save for page feeds and outer blank lines.

    >>> canonical("\r\n  Caf\u00e9\u00a0 bar\r\n\fNext\n\n")
    '  Café\xa0 bar\nNext'
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = re.sub(r"(?<!\n)\f(?!\n)", "\n", text).replace("\f", "").split("\n")
    filled = [at for at, line in enumerate(lines) if line.strip()]
    return "\n".join(lines[filled[0] : filled[-1] + 1]) if filled else ""


def _take_headers(page: _Page) -> None:
    """Lines such as "Date: 12 March 2024" before the first blank line, if they are headers and not a dialogue."""
    end = next((at for at, line in enumerate(page.lines) if not line.strip()), len(page.lines))
    block = [_HEADER.fullmatch(line.strip()) for line in page.lines[:end]]
    names = {FIELDS.get(match["key"].lower()) for match in block if match} - {None}
    alone = names and names != {"speaker"} and len(block) == 1
    if not all(block) or end == len(page.lines) or not (len(names) >= 2 or alone):
        return
    page.lines = [*(line for line in page.lines[:end] if not _noted_header(page, line)), *page.lines[end:]]


def _noted_header(page: _Page, line: str) -> bool:
    match = _HEADER.fullmatch(line.strip())
    name = FIELDS.get(match["key"].lower()) if match else None
    if match is None or name is None:
        return False
    value = match["value"].strip()
    stated = date_in(value) if name == "published" else value
    page.note(name, stated)
    return stated is not None


def _take_menu(page: _Page) -> None:
    end = _breadcrumb_end(page) or _menu_end(page.lines)
    page.is_web_page = end > 0
    page.lines = page.lines[end:]


def _breadcrumb_end(page: _Page) -> int:
    """The line after the breadcrumb; 0 where there is none below a menu or at the top."""
    strangers = above = 0
    for at, line in enumerate(page.lines):
        if not line.strip():
            continue
        end, trail = _trail(page.lines, at)
        steps = crumbs(trail)
        if steps:
            page.steps = steps
            return end
        above += 1
        strangers += not (is_entry(line) or furniture(line))
        if len(line) > 160 or strangers > max(1, above // 5):
            return 0
    return 0


def _trail(lines: list[str], start: int) -> tuple[int, str]:
    """The breadcrumb that begins at a line, joined where each step and each mark has its own, and the line after it."""
    trail, end, marked = lines[start].strip(), start + 1, False
    for at in range(start + 1, len(lines)) if is_home(trail) else ():
        line = lines[at].strip()
        if is_step_mark(line):
            marked = True
        elif marked or begins_with_mark(line):
            trail, end, marked = f"{trail} > {line.lstrip('>»›→＞ ')}", at + 1, False
        elif line:
            break
    return end, trail


def _menu_end(lines: list[str]) -> int:
    """The line after a menu without breadcrumb: entries only, three of them found on any site, then text."""
    known = end = 0
    for at, line in enumerate(lines):
        if not line.strip():
            continue
        count = navigation_count(line)
        under = end == at and line[:1].isspace()
        if not is_entry(line) and not count and not furniture(line):
            return end if known >= 3 else 0
        known += count
        end = at + 1 if count or (under and known >= 3) else end
    return 0


def _take_masthead(page: _Page) -> None:
    found = None if page.is_web_page or "title" in page.known else read_masthead(page.lines)
    if found is None:
        return
    for name in ("title", "issuer", "kind", "published", "speaker"):
        page.note(name, getattr(found, name))
    page.has_masthead = True
    page.lines = [line for at, line in enumerate(page.lines) if at not in found.lines]


def _take_title(page: _Page) -> None:
    if "title" in page.known or page.has_masthead:
        return
    filled = [at for at, line in enumerate(page.lines) if line.strip()]
    at = _title_on_web_page(page, filled) if page.is_web_page else _title_of_plain_text(page.lines, filled)
    if at is None:
        return
    page.known["title"] = page.lines[at].strip()
    page.lines = page.lines[at + 1 :]


def _title_on_web_page(page: _Page, filled: list[int]) -> int | None:
    """The first line below the menu, but for widgets, the date, the name of the section and what is left of a menu."""
    for position, at in enumerate(filled):
        line = page.lines[at]
        if furniture(line) is Furniture.TOOL or _took_date(page, line):
            continue
        if not _may_be_title(line, on_web_page=True):
            return None
        below = [page.lines[place] for place in filled[position + 1 : position + 2]]
        goes_on = any(_goes_on(other) for other in below)
        if not (goes_on and (_is_section(page, line) or line[:1].isspace() or _in_menu(page.lines, at))):
            return at
    return None


def _goes_on(line: str) -> bool:
    return _may_be_title(line, on_web_page=True) and not date_in(line) and not furniture(line)


def _is_section(page: _Page, line: str) -> bool:
    name = line.strip().casefold()
    *above, last = [step.casefold() for step in page.steps] or [""]
    return name in above or (name == last and len(name.split()) <= 4)  # a longer last step is the title's own


def _in_menu(lines: list[str], start: int) -> bool:
    """Whether a line of a word or two opens a list of three or more in which one is long enough to be the title."""
    lengths = []
    for line in lines[start:]:
        if not line.strip() or not _goes_on(line):
            break
        lengths.append(len(line.split()))
    listed = len(lengths) + (start > 0 and lines[start - 1].strip() != "")
    return navigation_count(lines[start]) > 0 or (listed >= 3 and lengths[0] < 5 <= max(lengths))


def _title_of_plain_text(lines: list[str], filled: list[int]) -> int | None:
    """The first line, if it stands alone or over the date, is no sentence, nobody's name, and has a text below it."""
    if len(filled) < 2 or not _may_be_title(lines[filled[0]]) or is_public_body(lines[filled[0]]):
        return None
    first, second = filled[:2]
    dated = date_in(lines[second]) is not None or is_change(lines[second])
    alone = second > first + 1 or (dated and (len(filled) == 2 or filled[2] > second + 1))
    return first if alone and not date_in(lines[first]) and len(filled) > 1 + dated else None


def _may_be_title(line: str, *, on_web_page: bool = False) -> bool:
    line = line.strip()
    if on_web_page:
        line = line.rstrip("?!")
    return len(line) <= _LONGEST_TITLE and not _TITLE_END.search(line) and not _NO_TITLE.match(line)


def _take_lines_under_title(page: _Page) -> None:
    """The date, and on a web page widgets and the source too; the first line of anything else ends it."""
    while page.lines and ("title" in page.known or page.is_web_page) and not page.has_masthead:
        line = page.lines[0]
        if not line.strip() or _took_date(page, line) or (page.is_web_page and furniture(line) is Furniture.TOOL):
            pass
        elif page.is_web_page and source(line)[0] and not source(line)[1]:
            _note_source(page, source(line)[0])
        else:
            return
        del page.lines[0]


def _took_date(page: _Page, line: str) -> bool:
    """Note the date of a date line, unless it is that of a change, and its source; whether it is one."""
    if is_change(line):
        return True
    named, rest = source(line) if page.is_web_page else (None, line)
    stated = date_in(rest)
    if stated and not is_change(rest):
        page.note("published", stated)
        _note_source(page, named)
    return stated is not None


def _note_source(page: _Page, named: str | None) -> None:
    if named and is_official(named):
        page.source = named


def _take_footer(page: _Page) -> None:
    start = _footer_start(page)
    footer = page.lines[start:]
    owners = {name for line in footer if furniture(line) is Furniture.RIGHTS and (name := owner(line))}
    issuer = owners.pop() if len(owners) == 1 else _owner_above(page.lines, start)
    page.note("issuer", issuer)
    body = page.lines[:start]
    while body and (not body[-1].strip() or body[-1].strip() == issuer):
        body.pop()
    page.lines = body


def _footer_start(page: _Page) -> int:
    """Where the furniture at the end begins; the end where too little of it shows, or nothing stands above it."""
    start, evidence, strangers = len(page.lines), int(page.is_web_page), False
    for at in reversed(range(len(page.lines))):
        line = page.lines[at]
        sort = furniture(line)
        if sort and (not strangers or _heads_a_list(page, sort, line) or (page.is_web_page and navigation_count(line))):
            start, strangers = at, False
            evidence += _weight(page, sort, line)
        elif line.strip() and not sort:
            if not is_entry(line):
                break
            strangers |= not (navigation_count(line) or is_official(line))
    return start if evidence >= 2 and any(line.strip() for line in page.lines[:start]) else len(page.lines)


def _heads_a_list(page: _Page, sort: Furniture, line: str) -> bool:
    """Whether what follows a line of furniture is furniture too, as below "Related news"."""
    of_rights = sort is Furniture.RIGHTS and (page.is_web_page or owner(line) is not None)
    return of_rights or (sort is Furniture.TOOL and len(line.split()) >= 2)


def _weight(page: _Page, sort: Furniture, line: str) -> int:
    """How surely a line shows that it stands in a footer: two are enough, and being on a web page is one."""
    match sort:
        case Furniture.RIGHTS:
            return 2
        case Furniture.TOOL:
            if len(line.split()) == 1:  # a speaker may ask for that: "Save", "Listen"
                return int(page.is_web_page)
            return 2 if page.is_web_page and len(line.split()) >= 3 and ":" not in line else 1
        case Furniture.SITE:
            return int(page.is_web_page)
        case Furniture.ENQUIRIES:
            return 2 if page.has_masthead else int(page.is_web_page)


def _owner_above(lines: list[str], start: int) -> str | None:
    """The office named on the line above "All rights reserved", where that stands on a line of its own."""
    for at in range(max(start, 1), len(lines)):
        above = lines[at - 1].strip()
        by_itself = is_entry(above) and not furniture(above)
        if by_itself and is_official(above) and furniture(lines[at]) is Furniture.RIGHTS:
            return above
    return None
