"""Where on a web page the statement begins and ends, and what the page around it states about it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from corpus.errors import Unreadable
from corpus.readers.draft import Draft
from corpus.readers.furniture import Furniture, date_in, furniture, heads_links, is_index, navigation_count, owner
from corpus.readers.html_blocks import Block, blocks, joined, parse, remove_chrome, remove_unseen, within
from corpus.readers.masthead import is_spoken, stated_by
from corpus.readers.metadata import find_date, is_date_line, is_kind_alone, kind_of, office_and_name, speaker_in_title

_SENTENCE_END = re.compile(r"[.!?。！？:：…][\"'”’)\]»⁰¹²³⁴-⁹]*$")
_VENUE = re.compile(r"(?:at|before|delivered|given|held|presented|sponsored|hosted|in|to|via|as)\b", re.IGNORECASE)
_CHANGED = re.compile(r"\b(?:updat|modif|revis|review|chang|access|retriev|print|archiv|expir)", re.IGNORECASE)
_ISSUED = re.compile(r"^\W*(?:issued|published|posted|released?|publication|date)\b", re.IGNORECASE)
_RECORD = re.compile(  # "BOL: Speech, Brand -- The title -- March 7, 1997"
    r"(?:[\w. ]{1,30}:\s*)?(?:speech|speeches|remarks|testimony|statement),\s*[^–—]{2,60}?"
    r"\s*(?:--|–|—)\s*(?P<title>.+)",
    re.IGNORECASE,
)
_DASH = re.compile(r"\s*(?:--|–|—)\s*")
_SITE_MARK = re.compile(r"\s+[|·•»–—-]\s+|\s*[|_]\s*")
_NO_HEADING = 4
_LONGEST_TITLE = 300
_DATE_NAMES = (
    *("article:published_time", "og:published_time", "datepublished", "dcterms.issued", "dc.date.issued"),
    *("dcterms.date", "dc.date", "dcterms.created", "dc.date.created", "citation_publication_date", "citation_date"),
    *("pubdate", "publishdate", "publish_date", "publication_date", "publication-date", "date", "parsely-pub-date"),
)
_CONTENT_NAMES = re.compile(
    r"(?:article|story|news|main|page|post|entry)?[-_]?(?:content|body|text)|article|trs_editor"
)


def read(data: bytes) -> Draft:
    """The statement in a web page: its body without menus and footers, and what the page states about it.

    >>> page = b"<title>On wool</title><nav>Home</nav><h1>On wool</h1><p>4 May 2020<p>Wool is <b>warm</b>."
    >>> draft = read(page)
    >>> draft.title, draft.published, draft.text
    ('On wool', '2020-05-04', 'Wool is warm.')

    Raises `Unreadable` when the page shows no text of its own.
    """
    page = parse(data)
    head = _Head.of(page)
    path = _path(page)
    remove_unseen(page)
    holder = _rights_owner(page)
    remove_chrome(page)
    issuer = head.issuer or holder
    titles = head.titles(issuer)
    header, body = _divide(blocks(page.find("body")), _content(page), titles)
    text = joined(body)
    if not text:
        raise Unreadable("This web page shows no text of its own.", "Save the page with its text in it.")
    lines = [line for block in header for line in block.text.split("\n") if line.strip()]
    title = _title(titles, head, header, lines)
    kind = next((kind for kind in map(kind_of, [*head.given(), *lines, path]) if kind), None)
    return Draft(
        text=text,
        title=title,
        issuer=issuer,
        speaker=_speaker(header, lines, titles, spoken=is_spoken(kind)),
        published=_published(header, lines, head, title),
        kind=kind,
        language=head.language,
        url=head.url,
    )


@dataclass(frozen=True, slots=True)
class _Head:
    """What the page says about itself where its readers do not look."""

    og_title: str | None
    page_title: str | None
    issuer: str | None
    language: str | None
    url: str | None
    dates: tuple[str, ...]

    @classmethod
    def of(cls, page: Any) -> "_Head":
        meta = dict(_meta(page))
        records = list(_json_ld(page))
        publishers = (_name(record.get("publisher")) for record in records)
        canonical = [link.get("href") for link in page.iter("link") if (link.get("rel") or "").lower() == "canonical"]
        urls = (url for url in (*canonical, meta.get("og:url")) if url and url.startswith(("http://", "https://")))
        stated = [record["datePublished"] for record in records if isinstance(record.get("datePublished"), str)]
        stated += [meta[name] for name in _DATE_NAMES if name in meta]
        return cls(
            og_title=meta.get("og:title") or meta.get("dc.title") or meta.get("dcterms.title"),
            page_title=_folded_or_none(page.findtext(".//title")),
            issuer=meta.get("og:site_name") or next(filter(None, publishers), None) or meta.get("dc.publisher"),
            language=_folded_or_none(page.get("lang")) or meta.get("content-language"),
            url=next(urls, None),
            dates=tuple(stated),
        )

    def titles(self, issuer: str | None) -> list[str]:
        """The titles it gives, without the site's name, the speaker's and the date."""
        return [title for title in (_core(title, issuer) for title in self.given()) if title]

    def given(self) -> list[str]:
        """The titles as it gives them."""
        return [title[:_LONGEST_TITLE].rstrip() for title in (self.og_title, self.page_title) if title]


def _meta(page: Any) -> Iterator[tuple[str, str]]:
    for element in reversed(list(page.iter("meta"))):  # the first of a name is the one that counts
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        if name and (content := _folded_or_none(element.get("content"))):
            yield name.strip().lower(), content


def _json_ld(page: Any) -> Iterator[dict[str, Any]]:
    for script in page.iter("script"):
        if (script.get("type") or "").lower() != "application/ld+json":
            continue
        try:
            found = json.loads(script.text or "")
        except (json.JSONDecodeError, RecursionError):
            continue
        found = found if isinstance(found, list) else [found]
        for record in found:
            if isinstance(record, dict):
                yield record
                graph = record.get("@graph")
                yield from (part for part in graph if isinstance(part, dict)) if isinstance(graph, list) else ()


def _name(party: object) -> str | None:
    name = party.get("name") if isinstance(party, dict) else party
    return _folded_or_none(name) if isinstance(name, str) else None


def _folded_or_none(text: str | None) -> str | None:
    return " ".join((text or "").split()) or None


def _core(title: str, site: str | None) -> str | None:
    """A title without what else sites put into it: their name, and the speaker and date in a record's form."""
    record = _RECORD.fullmatch(title)
    core = record["title"] if record else title
    marks = list(_DASH.finditer(core))
    if marks and _is_dated(core[marks[-1].end() :]):
        core = core[: marks[-1].start()]
    if site:
        for mark in _SITE_MARK.finditer(core):
            if _words(core[mark.end() :]) == _words(site):
                core = core[: mark.start()]
                break
            if _words(core[: mark.start()]) == _words(site):
                core = core[mark.end() :]
                break
    return None if site and _words(core) == _words(site) else core.strip() or None


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _path(page: Any) -> str:
    """The breadcrumb, "Home > Press > Letters", without the page itself."""
    for element in page.iter("ol", "ul", "nav", "div", "p"):
        named = f"{element.get('class', '')} {element.get('id', '')} {element.get('aria-label', '')}".lower()
        if "breadcrumb" in named or "crumbs" in named:
            return " > ".join(" ".join(link.itertext()) for link in element.iter("a", "li") if len(link) == 0)
    return ""


def _rights_owner(page: Any) -> str | None:
    """Whose the page is, by the line of rights at its foot."""
    lines = (line for block in reversed(blocks(page.find("body"))) for line in block.text.split("\n"))
    rights = (line for line in lines if furniture(line) is Furniture.RIGHTS)
    return next(filter(None, map(owner, rights)), None)


def _content(page: Any) -> Any:
    """The smallest element that its maker calls the article, or the main part, and that holds most of the prose."""
    body = page.find("body")
    total = sum(len(block.text) for block in blocks(body) if block.is_prose())
    found = body
    for tests, share in ((_says_main, 0.6), (_says_content, 0.9), (_says_article, 0.6)):
        for element in found.iter():
            if tests(element) and sum(len(b.text) for b in blocks(element) if b.is_prose()) >= share * total:
                found = element
                break
    return found


def _says_main(element: Any) -> bool:
    return bool(element.tag == "main" or element.get("role") == "main")


def _says_content(element: Any) -> bool:
    names = f"{element.get('class', '')} {element.get('id', '')}".lower().split()
    return element.tag in {"div", "section", "td"} and any(_CONTENT_NAMES.fullmatch(name) for name in names)


def _says_article(element: Any) -> bool:
    return bool(element.tag == "article" or element.get("itemprop") == "articleBody")


def _divide(found: list[Block], content: Any, titles: list[str]) -> tuple[list[Block], list[Block]]:
    """The blocks that head the statement, and those that are it."""
    first_prose = next(
        (at for at, block in enumerate(found) if len(block.text) >= 200 and block.is_prose()), len(found)
    )
    headline = _headline(found[: first_prose + 1], titles)
    start = 0 if headline is None else _header_end(found, headline, first_prose, titles)
    while start < len(found) and _is_header_line(found[start], titles) and not (start and _is_dated(found[start].text)):
        start += 1
    inside = set(content.iter())
    body = [block for block in found[start:] if block.element in inside]
    fields = [block for block in body[:12] if _is_field(block)]
    if not any(find_date(block.text) for block in fields):
        fields = []
    header = found[max(0, (start if headline is None else headline) - 4) : start] + fields
    return header, _without_furniture([block for block in body if block not in fields])


def _headline(leading: list[Block], titles: list[str]) -> int | None:
    """Where among the leading blocks the title stands."""
    same = [at for at, block in enumerate(leading) if any(_states(line, titles) for line in block.text.split("\n"))]
    if same:
        return same[-1]
    headings = [at for at, block in enumerate(leading) if _heading_level(block) < _NO_HEADING and not block.is_links]
    first = [at for at in headings if _heading_level(leading[at]) == 1]
    alike = [at for at, block in enumerate(leading) if any(_resembles(line, titles) for line in block.text.split("\n"))]
    named = [at for at in headings if not is_kind_alone(leading[at].text)]
    spoken = [at for at, block in enumerate(leading) if any(map(speaker_in_title, block.text.split("\n")))]
    found = first[-1:] or alike[:1] or named[:1] or spoken[:1]
    return found[0] if found else None


def _heading_level(block: Block) -> int:
    return next((level for level in (1, 2, 3) if within(block.element, f"h{level}")), _NO_HEADING)


def _states(line: str, titles: list[str]) -> bool:
    return bool(_words(line)) and any(_words(line) == _words(title) for title in titles)


def _resembles(line: str, titles: list[str]) -> bool:
    """Whether a line says nearly what a title of the page does, in at most twice as many words."""
    words = _words(line)
    wanted = [set(_words(title)) for title in titles]
    return any(len(w) >= 3 and len(w & set(words)) >= 0.75 * len(w) and len(words) <= 2 * len(w) + 3 for w in wanted)


def _header_end(found: list[Block], headline: int, first_prose: int, titles: list[str]) -> int:
    """Where the header that the headline stands in ends: with its container, or with the last line of its kind."""
    end = headline + 1
    for ancestor in found[headline].element.iterancestors():
        inside = set(ancestor.iter())
        last = max(at for at, block in enumerate(found) if block.element in inside) + 1
        if last >= len(found) or any(_is_speech(block, titles) for block in found[headline + 1 : last]):
            break
        end = max(end, last)
    dated = any(_is_dated(line) for block in found[max(0, headline - 4) : end] for line in block.text.split("\n"))
    for at in range(end, min(end + 6, first_prose)):
        # A second date is that of the occasion, and belongs to the text.
        wanted = not dated if _is_dated(found[at].text) else _is_header_line(found[at], titles)
        if wanted and not _is_furniture(found[at]) and not any(_is_speech(block, titles) for block in found[end:at]):
            dated, end = dated or _is_dated(found[at].text), at + 1
    return end


def _is_speech(block: Block, titles: list[str]) -> bool:
    if len(block.text) >= 200 or _is_labelled(block):
        return True
    if block.is_links or _VENUE.match(block.text) or _is_header_line(block, titles):
        return False
    return len(block.text.split()) >= 5 and _SENTENCE_END.search(block.text) is not None


def _is_labelled(block: Block) -> bool:
    return re.match(r"(?:Q|A|[^\n.:]{1,40}[:：])\s", block.text) is not None and not find_date(block.text)


def _is_header_line(block: Block, titles: list[str]) -> bool:
    if _is_dated(block.text) or _resembles(block.text, titles) or _states(block.text, titles):
        return True
    return _is_furniture(block) or _is_field(block) or _named(block.text) is not None


def _named(line: str) -> str | None:
    """The speaker of a line that is an office and a name, or a byline with its date, and nothing else."""
    byline = stated_by(line)
    return byline.speaker if byline and byline.published and byline.speaker else office_and_name(line)


def _is_field(block: Block) -> bool:
    """Whether it is of a list such as "From: the Cabinet Office; Delivered on: 4 May"."""
    return within(block.element, "dl") and len(block.text) <= 120 and not re.search(r"[.!?]$", block.text)


def _is_dated(line: str) -> bool:
    """Whether a line gives a date, or a place and a date, and nothing else."""
    return is_date_line(line) or date_in(line) is not None


def _is_furniture(block: Block) -> bool:
    return _is_short_link(block) or _is_surely_furniture(block)


def _is_short_link(block: Block) -> bool:
    return len(block.text) <= 60 and block.is_links and not _SENTENCE_END.search(block.text)


def _is_surely_furniture(block: Block) -> bool:
    lines = block.text.split("\n")
    return all(
        furniture(line) or ("|" in line and navigation_count(line)) or (block.is_links and is_index(line))
        for line in lines
    )


def _without_furniture(body: list[Block]) -> list[Block]:
    """The blocks without what ends them and proves to be furniture; a link alone may be the last word, or an annex."""
    end, links = len(body), False
    for at in reversed(range(len(body))):
        if heads_links(body[at].text) or (not links and _is_surely_furniture(body[at])):
            end, links = at, False
        elif _is_short_link(body[at]):
            links = True
        else:
            break
    return [block for block in body[:end] if not (block.is_links and furniture(block.text) is not None)]


def _title(titles: list[str], head: _Head, header: list[Block], lines: list[str]) -> str | None:
    """The title as the page's makers give it to others, else as it is printed over the statement."""
    for title in titles:
        # "The title | A site that calls itself otherwise elsewhere": the page prints the one without the other.
        for line in lines:
            words = _words(line)
            if len(words) >= 2 and words == _words(title)[: len(words)] and _SITE_MARK.search(title):
                return line
    headings = sorted((block for block in header if _heading_level(block) < _NO_HEADING), key=_heading_level)
    telling = [block for block in headings if not is_kind_alone(block.text)]
    printed = next((_folded_or_none(block.text) for block in telling or ([] if titles else headings)), None)
    chosen = titles[0] if titles and (head.og_title or printed is None) else printed
    return chosen and chosen[:_LONGEST_TITLE].rstrip()


def _speaker(header: list[Block], lines: list[str], titles: list[str], *, spoken: bool) -> str | None:
    """Who speaks, as marked up, titled or signed; a name alone tells that only of what is `spoken`."""
    marked = [block.text for block in header if "speaker" in (block.element.get("class") or "").lower().split()]
    stated = {name for name in map(speaker_in_title, lines) if name} or {
        name for line in lines if (name := _named(line)) and (spoken or name != line)
    }
    if len(marked) == 1:
        return marked[0]
    if len(stated) == 1:
        return stated.pop()
    return next((name for name in map(speaker_in_title, titles) if name), None) if not stated else None


def _published(header: list[Block], lines: list[str], head: _Head, title: str | None) -> str | None:
    """The date it was published on: as labelled, as marked up, as printed, or else as the page's head says."""
    printed = [line for line in lines if not _CHANGED.search(line) and line != title and len(line) <= 150]
    labelled = [f"{label} {line}" for label, line in pairwise(printed) if not find_date(label)]
    issued = [line for line in (*printed, *labelled) if _ISSUED.match(line)]
    times = {time for block in header for time in (*block.element.iter("time"), *block.element.iterancestors("time"))}
    timed = [time.get("datetime") or "".join(time.itertext()) for time in times]
    alone = [line for line in printed if _is_dated(line)]
    for stated in (issued, timed, alone, printed, head.dates, [head.page_title or ""]):
        dates = {found for found in map(find_date, stated) if found}
        if dates:
            return dates.pop() if len(dates) == 1 else None
    return None
