"""Which single lines of a web page saved as text are its furniture, and what such a line tells of the page."""

import re
from enum import Enum, auto

from corpus.readers.masthead import is_institution, is_name
from corpus.readers.metadata import find_date

_LONGEST_ENTRY = 100
_SENTENCE_END = re.compile(r"[.!?:;,。！？：；，…؟۔]['\"’”»)\]]*$")
_LABEL = re.compile(r"[^\W\d_][^:：]{0,40}[:：]\s")


def _any_of(lines: str) -> re.Pattern[str]:
    """A pattern of alternatives, each on its own line."""
    return re.compile("|".join(line.strip() for line in lines.strip().splitlines()), re.IGNORECASE)


_ARROW = r"(?:>{1,2}|»|›|→|＞)"
# The space before a mark is looked at from its beginning only: from each place in it, it would take the square.
_CRUMB_MARK = re.compile(rf"(?:(?<!\s)\s++)?{_ARROW}\s*|(?<!\s)\s++(?:/|::)\s+")
_MARK_ALONE = re.compile(rf"(?:{_ARROW}|/|::)")
_STEP_AFTER_MARK = re.compile(rf"{_ARROW}\s*\w.{{0,{_LONGEST_ENTRY}}}")
_YOU_ARE_HERE = re.compile(
    r"(?:(?<!\s)\s++)?(?:you are here|current (?:location|position)|您的位置|当前位置)\s*[:：]?\s*", re.IGNORECASE
)
_HOME = _any_of(r"""
    (?:home|main|start|front)(?:\s?page)?
    accueil|inicio|início|startseite|首页|主页|главная|الرئيسية|ホーム|홈
""")
_NAVIGATION = _any_of("""
    about(?: us)?|contacts?(?: us)?|search|site ?map|(?:main )?menu|languages?|log ?in|sign in|register|subscribe
    news(?:room)?|press(?: room| cent(?:er|re))?|media|publications|events|services|links|archive|gallery
    careers|jobs|faqs?|a[-–]z index|accessibility|skip to (?:main )?content
    english|français|deutsch|español|العربية|中文|русский
""")

_THIS = "(?:this(?: (?:page|article|story|item))?|page|article)"
_NETWORK = "(?:facebook|twitter|x|linkedin|whatsapp|e-?mail|weibo|wechat|telegram|instagram|youtube|flickr|rss|print)"
_TOOL = _any_of(rf"""
    (?:suggest|tell|send|recommend|e-?mail)(?: {_THIS})?(?: to)? a friend|recommend(?: {_THIS})?
    print(?:er|able)?(?:[ -]friendly)?(?: version| {_THIS})?|(?:e-?mail|save|bookmark|listen to|download) {_THIS}
    share(?: it| {_THIS})?(?: (?:on|via) .{{1,40}})?|(?:share\W+)?{_NETWORK}(?:\W+{_NETWORK})*|tweet(?: {_THIS})?
    download(?: as)? pdf|pdf version|save|listen|close(?: (?:this )?window)?
    (?:(?:back|go|return) to (?:the )?)?top(?: of (?:the )?page)?|\^ ?top
    back(?: to (?:list|index|news|home|previous page|search results))?
    related (?:news|links?|articles?|content|stories|information|documents?|pages?|topics?):?|see also:?|more news:?
    (?:previous|next)(?: (?:page|article|news|item))?|(?:previous|prev|next)(?: article)? ?[:：»›].{{0,200}}
    follow us(?: on\b.{{0,60}})?|stay connected|(?:page )?(?:views|hits):? ?\d+
    was this page (?:helpful|useful) ?\??|report a problem with this page
    [\[【(（]? ?(?:(?:font|text)[ -]?size|字体|字号) ?[:：]?.{{0,30}}|[\[【]? ?[大中小](?: [大中小]){{1,2}} ?[\]】]?
    [\[【(（] ?(?:A ?[+-]? ?){{2,3}} ?[\]】)）]|(?:A[+-]? ){{1,2}}A[+-]?
    推荐给(?:好友|朋友)|打印(?:本页|本稿)?|分享(?:到|至)?.{{0,20}}|关闭(?:窗口|本页)?|返回顶部
    imprimer|partager|drucken|teilen|imprimir|compartir|nach oben|haut de page
""")
_HEADS_LINKS = re.compile(
    r"(?:(?:related|more|latest|other|further) (?:news|links?|articles?|content|stories|information|documents?|pages?|"
    r"topics?|speeches|statements|remarks)|see also|tags|topics|categories|follow us.{0,60}|stay connected|"
    r"share.{0,60}):?",
    re.IGNORECASE,
)
_INDEX = re.compile(
    r"(?:(?:all|back to) )?(?:\d{4} )?(?:speeches|testimon(?:y|ies)|remarks|statements|letters|press releases|news|"
    r"interviews|publications)(?: (?:of|from|in) \d{4})?",
    re.IGNORECASE,
)
_LEGAL = "(?:and|&|of|policy|notice|statement|use|us|conditions|settings|terms|cookies|disclaimer|webmaster)"
_SITE = _any_of(rf"""
    (?:privacy|cookies?|legal|accessibility|disclaimer|terms|imprint|impressum|site ?map|contact)(?: {_LEGAL})*
    (?:(?:postal |e-?mail |street |mailing |our )?add(?:ress)?|地址|电话|传真|邮编) ?[:：] ?.{{1,200}}
    (?:website|(?:office|opening|working) hours|switchboard|hotline|webmaster) ?[:：] ?.{{1,200}}
    (?:tel(?:ephone)?|phone|fax)\b[ .:：]*(?:no\.?)?[ :：]*[+(\d].{{3,100}}
    (?:e-?mail|web(?:site)?|post ?code|p\.? ?o\.? box) ?[:：]? ?\S*[\d@.]\S*|https?://\S+|www\.\S+
    (?:this|our) (?:web ?)?site (?:uses|is (?:maintained|managed))\b.{{0,150}}|we use cookies\b.{{0,150}}
    (?:page )?last (?:updated?|modified|reviewed)\b.{{0,60}}|(?:powered|designed|developed|hosted) by\b.{{1,80}}
    all content is available under\b.{{1,150}}|best viewed (?:in|with|at)\b.{{1,80}}|\W?京?ICP.{{0,30}}
    skip to .{{1,40}}|an official website of .{{1,80}}|here.s how you know.{{0,20}}|please enable javascript.{{0,80}}
""")
_ENQUIRIES = _any_of(r"""
    (?:(?:press|media|public) )?(?:[ei]nquir(?:y|ies)|contacts?) ?[:：] ?(?=.*(?:office|desk|\d|@)).{1,200}(?<![.!?])
""")
_RESERVED = (
    "all rights? (?:are )?reserved|版权所有|tous droits réservés|todos los derechos reservados|"
    "todos os direitos reservados|alle rechte vorbehalten|все права защищены|جميع الحقوق محفوظة"
)
_RIGHTS = _any_of(r"""
    (?:copyright\W*)?©.*|copyright\W*\(c\).*|(?:crown )?copyright(?: notice)?
""")
_MARK_OF_RIGHTS = re.compile(
    rf"©|\(c\) ?(?=\d{{4}})|\bcopyright\b(?=\W+\d{{4}}\b|.*\b\d{{4}}\.?$)|{_RESERVED}", re.IGNORECASE
)
_CREDIT = re.compile(
    r"\b(?:maps?|photo(?:graph)?s?|images?|pictures?|graphics?|illustrations?|video|charts?|credits?)\b", re.IGNORECASE
)
_NOT_IN_RIGHTS = re.compile(r"[\"“”„«»‘!?！？。]|[:：]\s*$")
_RESERVED_AS_SUCH = re.compile(rf"(?:{_RESERVED})\W*", re.IGNORECASE)
_AFTER_OWNER = re.compile(
    rf"(?:\s[|·•]\s|{_RESERVED}|\b(?:powered|designed|developed|hosted) by\b|\baddress ?:|\btel\b).*", re.IGNORECASE
)
_NO_OWNER = re.compile(r"©|\(c\)|\bcopyright\b|\b\d{4}\b(?:\s*[-–—]\s*(?:\d{2,4}|present)\b)?", re.IGNORECASE)
_NOT_BY_NAME = re.compile(
    r"crown|(?:photo|image)s?\b.*|.*\b(?:licen[cs]ed?|reproduced|notice|policy|material)\b.*|.*\b(?:news|press|photo|picture)\s+agency\b.*",
    re.IGNORECASE,
)
_OFFICIAL = re.compile(
    r"\b(?:embassy|consulate|ministry|department|mission|government|office|commission|agency)\b", re.IGNORECASE
)
_CHANGED = re.compile(
    r"\s*(?:(?:this )?page )?(?:was )?(?:last )?(?:updated?|modified|changed|reviewed)\b\s*(?:on\b)?\s*[:：]?\s*",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"[(（\[]\s*(?:from|source|来源)\s*[:：]?\s*(?P<bracketed>[^()（）\[\]]{2,100}?)\s*[)）\]]|"
    r"(?:source|来源)\s*[:：]\s*(?P<bare>.{2,100})",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_DATE_WORD = _any_of("""
    monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|fri|sat|sun
    published|posted|date|released?|issued|on|at|of|the|time|am|pm|gmt|utc|st|nd|rd|th
""")


class Furniture(Enum):
    """What a line of furniture is there for."""

    TOOL = auto()
    """A button or widget: print, share, font size, back to top."""
    ENQUIRIES = auto()
    """Whom to ask about a notice."""
    SITE = auto()
    """Of the site and not of the page: privacy, address, when it was last changed."""
    RIGHTS = auto()
    """Whose the page is."""


def furniture(line: str) -> Furniture | None:
    """What sort of furniture a line is; `None` when it may be content.

    >>> furniture("Share this page"), furniture("Share prices fell on Monday.")
    (<Furniture.TOOL: 1>, None)
    """
    line = " ".join(line.split()).strip("|·•- ")
    if len(line) > 400:
        return None
    if _TOOL.fullmatch(line):
        return Furniture.TOOL
    if _is_of_rights(line):
        return Furniture.RIGHTS
    if _ENQUIRIES.fullmatch(line):
        return Furniture.ENQUIRIES
    return Furniture.SITE if _SITE.fullmatch(line) else None


def _is_of_rights(line: str) -> bool:
    """Whether a line says whose the page is: its mark opens it, or stands between names, and in no sentence.

    Articles have a paragraph (c), slogans a ©, and speakers say that all rights are reserved.
    """
    if _RIGHTS.fullmatch(line):
        return True
    mark = _MARK_OF_RIGHTS.search(line)
    if mark is None:
        return False
    before, after = line[: mark.start()], line[mark.end() :]
    if _RESERVED_AS_SUCH.search(after):
        after = _RESERVED_AS_SUCH.sub(" ", after).rstrip(" .")
    if _NOT_IN_RIGHTS.search(before) or _CREDIT.search(before):
        return False
    if mark.group() == "©":
        return is_name(before) and _SENTENCE_END.search(after.rstrip()) is None
    return is_name(before) and is_name(_AFTER_OWNER.sub("", after).replace(" by ", " "))


def owner(line: str) -> str | None:
    """The public body that owns the page, according to its line of rights.

    >>> owner("Copyright © 2012-2019 Ministry of Tides, Republic of Lyra. All rights reserved.")
    'Ministry of Tides, Republic of Lyra'
    >>> owner("© 2019 Vell Evening News") is None
    True
    """
    before = _NO_OWNER.sub(" ", _AFTER_OWNER.sub("", line.strip()))
    name = before if re.search(r"\w", before) else _NO_OWNER.sub(" ", _RESERVED_AS_SUCH.sub(" ", line))
    name = " ".join(name.split()).strip(" ,.;:|-–—").removeprefix("by ")
    named = len(name) >= 3 and name[0].isalpha() and not _NOT_BY_NAME.fullmatch(name)
    return name if named and (is_official(name) or is_institution(name)) else None


def source(line: str) -> tuple[str | None, str]:
    """Whom a line such as "2020-07-16 (From the Embassy)" gives as its source, and the rest of the line."""
    match = _SOURCE.search(line)
    if match is None:
        return None, line
    return match["bracketed"] or match["bare"], (line[: match.start()] + line[match.end() :]).strip()


def date_in(line: str) -> str | None:
    """The date that a line gives when it is nothing but a date line, be there a place in it too.

    >>> date_in("Berlin, 12 April 2019"), date_in("In 12 April 2019 we saw the start")
    ('2019-04-12', None)
    """
    words = [word for word in _WORD.findall(line) if not _is_date_word(word)]
    if len(line) > 80 or len(words) > 4 or any(word.islower() for word in words):
        return None
    return find_date(line)


def _is_date_word(word: str) -> bool:
    return _DATE_WORD.fullmatch(word) is not None or find_date(f"1 {word} 2000") is not None


def is_change(line: str) -> bool:
    """Whether a line says when the page was last changed, and nothing else.

    >>> is_change("Last updated 4 May 2020"), is_change("Updated wool, 4 May 2020")
    (True, False)
    """
    changed = _CHANGED.match(line)
    return changed is not None and date_in(line[changed.end() :]) is not None


def is_official(name: str) -> bool:
    """Whether a name is that of a public body, such as an embassy or a ministry."""
    return _OFFICIAL.search(name) is not None


def crumbs(line: str) -> list[str]:
    """The steps of a breadcrumb, from the front page down; none when the line is something else.

    >>> crumbs("Home > Press > Remarks"), crumbs("Growth > 2 %")
    (['Home', 'Press', 'Remarks'], [])
    """
    if "«" in line:
        return []
    line = _YOU_ARE_HERE.sub("", line)
    steps = [step.strip() for step in _CRUMB_MARK.split(line)]
    if steps and not steps[-1]:
        steps.pop()
    if not steps or not all(steps) or any(_SENTENCE_END.search(step) for step in steps[:-1]):
        return []
    from_home = len(steps) >= 2 and _HOME.fullmatch(steps[0])
    deep = (
        len(steps) >= 3 and re.search(_ARROW, line) and all(is_entry(step) and not step[0].islower() for step in steps)
    )
    return steps if from_home or deep else []


def is_home(line: str) -> bool:
    """Whether a line names the front page alone, as the first step of a breadcrumb does."""
    return _HOME.fullmatch(_YOU_ARE_HERE.sub("", line).strip()) is not None


def is_index(line: str) -> bool:
    """Whether a line is the name of a list of statements, and no statement: "1997 Speeches"."""
    return _INDEX.fullmatch(line.strip()) is not None


def heads_links(line: str) -> bool:
    """Whether a line is the heading of a list of links to other pages, as "Related news" is."""
    return _HEADS_LINKS.fullmatch(line.strip()) is not None


def is_step_mark(line: str) -> bool:
    """Whether a line is but the mark between two steps of a breadcrumb."""
    return _MARK_ALONE.fullmatch(line.strip()) is not None


def begins_with_mark(line: str) -> bool:
    """Whether a line is a step of a breadcrumb with its mark before it."""
    return _STEP_AFTER_MARK.fullmatch(line.strip()) is not None


def navigation_count(line: str) -> int:
    """How many entries of a site's main menu a line shows: "Home", or "Home | News | Contact us"."""
    entries = [entry.strip() for entry in line.split("|")]
    if not all(is_entry(entry) for entry in entries):
        return 0
    return sum(bool(_HOME.fullmatch(entry) or _NAVIGATION.fullmatch(entry)) for entry in entries)


def is_entry(line: str) -> bool:
    """Whether a line could be an entry of a menu: short, no sentence, nobody's label."""
    line = line.strip()
    return 0 < len(line) <= _LONGEST_ENTRY and not _SENTENCE_END.search(line) and not _LABEL.match(line)
