"""What a Markdown file says when it is read by people: its text without the marks, and its front matter as metadata."""

import re
from html import unescape

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from corpus.readers.draft import Draft
from corpus.readers.encoding import decode
from corpus.readers.furniture import date_in
from corpus.readers.metadata import find_date, kind_of, speaker_in_title
from corpus.readers.text import FIELDS, canonical

_FRONT_MATTER = re.compile(r"---[ \t]*\n(?P<fields>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"(?P<name>\w+)[ \t]*:[ \t]*(?P<value>.*)")
_NAMES = FIELDS | {"lang": "language"}
_BETWEEN = {"list_item": "\n", "table": "\n", "thead": "\n", "tbody": "\n", "tr": " | "}
_UNSEEN = re.compile(r"<!--.*?(?:-->|\Z)|<(?P<tag>script|style)\b.*?(?:</(?P=tag)>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<[!?][^<>]*>")
_BREAK = re.compile(r"<br\b", re.IGNORECASE)


def read(data: bytes) -> Draft:
    r"""The statement in a Markdown file; its title is the front matter's, else the first heading of the first level.

    >>> read(b"# On zinc\n\nZinc is *up*.").text
    'Zinc is up.'

    Raises `Unreadable` when the bytes are not text.
    """
    known, source = _front_matter(canonical(decode(data)))
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(source))
    blocks = [(node, block) for node in tree.children if (block := _block(node))]
    if blocks and blocks[0][0].tag == "h1" and known.setdefault("title", blocks[0][1]) == blocks[0][1]:
        del blocks[0]
        if blocks and (day := date_in(blocks[0][1])):
            known.setdefault("published", day)
            del blocks[0]
    told = _told_by_title(known["title"]) if "title" in known else {}
    return Draft(text=canonical("\n\n".join(block for _node, block in blocks)), **(told | known))


def _front_matter(source: str) -> tuple[dict[str, str], str]:
    match = _FRONT_MATTER.match(source)
    if match is None:
        return {}, source
    known: dict[str, str] = {}
    for line in match["fields"].split("\n"):
        stated = _FIELD.fullmatch(line.strip())
        name = _NAMES.get(stated["name"].lower()) if stated else None
        value = _unquoted(stated["value"].strip()) if stated else ""
        value = (find_date(value) or "") if name == "published" else value
        if name and value:
            known.setdefault(name, value)
    return known, source[match.end() :]


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _told_by_title(title: str) -> dict[str, str]:
    told = {"speaker": speaker_in_title(title), "kind": kind_of(title)}
    return {name: value for name, value in told.items() if value}


def _block(node: SyntaxTreeNode) -> str:
    """What a block shows; nothing for one that shows nothing."""
    match node.type:
        case "bullet_list" | "ordered_list":
            text = "\n".join(_items(node))
        case "fence" | "code_block":
            text = node.content.rstrip("\n")
        case "html_block":
            text = _without_tags(node.content).strip()
        case "hr":
            text = "---"  # what stands below it may be the publisher's own note
        case "inline":
            text = "".join(map(_inline, node.children)).strip("\n")
        case _:
            text = _BETWEEN.get(node.type, "\n\n").join(filter(None, map(_block, node.children)))
    return text


def _items(node: SyntaxTreeNode) -> list[str]:
    ordered = node.type == "ordered_list"
    first = int(node.attrs.get("start", 1))
    marks = [f"{number}{node.markup} " if ordered else "- " for number in range(first, first + len(node.children))]
    return [
        mark + _block(item).replace("\n", "\n" + " " * len(mark))
        for mark, item in zip(marks, node.children, strict=True)
    ]


def _inline(node: SyntaxTreeNode) -> str:
    match node.type:
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "html_inline":
            return "\n" if _BREAK.match(node.content) else ""
        case "image":
            return ""
        case _:
            return "".join(map(_inline, node.children)) or node.content


def _without_tags(html: str) -> str:
    return unescape(_TAG.sub("", _BREAK.sub("\n<br", _UNSEEN.sub("", html))))
