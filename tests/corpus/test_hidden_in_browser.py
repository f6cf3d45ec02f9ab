"""Words that real Chromium paints are never left out of what is read of a page."""

from itertools import cycle, product

from playwright.sync_api import Browser

from corpus.readers.html_blocks import parse
from corpus.readers.styles import unseen

HIDING = {
    "display": ("display: none", "display: none !important"),
    "visibility": ("visibility: hidden", "visibility: collapse"),
    "opacity": ("opacity: 0", "opacity: 0%"),
    "font-size": ("font-size: 0", "font-size: 1px", "font: 0/1 serif", "font-size: 13px\\9"),
    "color": ("color: white", "color: transparent", "color: #fefefe"),
    "left": ("position: absolute; left: -9999px", "position: fixed; top: -9999px"),
    "clip": ("position: absolute; clip: rect(0, 0, 0, 0)", "position: absolute; clip: rect(1px 1px 1px 1px)"),
}
SHOWING = {
    "display": ("display: initial", "display: revert", "display: unset", "display: block", "display: var(--d, block)"),
    "visibility": (
        "visibility: visible",
        "visibility: initial",
        "visibility: inherit",
        "visibility: var(--v, visible)",
    ),
    "opacity": ("opacity: unset", "opacity: var(--o, 1)", "opacity: calc(1)", "animation: in 1s forwards"),
    "font-size": (
        "font-size: clamp(1rem, 2vw, 2em)",
        "font: oblique 9deg 16px Ore",
        "font-size: 4cqi",
        "all: unset",
    ),
    "color": ("color: revert", "color: rgb(0 0 0 / 90%)", "background: navy", "box-shadow: inset 0 0 0 99px navy"),
    "left": ("left: auto; top: auto", "inset: 0", "position: static", "transform: translate(9999px, 9999px)"),
    "clip": ("clip: auto", "position: relative", "clip: unset", "clip: rect(0 900px 900px 0)"),
}
RULES = (
    "{base} .t.o {{ {show} }}",
    "{base} @media (width >= 48rem) {{ .o {{ {show} }} }}",
    "{base} @media screen and (min-width: 3px) {{ .o {{ {show} }} }}",
    "{base} @media (prefers-reduced-motion: no-preference) {{ .o {{ {show} }} }}",
    "{base} .o {{ @media (min-width: 3px) {{ {show} }} }}",
    "{base} .card {{ & .t {{ {show} }} }}",
    "{base} @supports (display: grid) {{ .o {{ {show} }} }}",
    "{base} :is(.card .t) {{ {show} }}",
    "{base} .t:nth-child(2) {{ {show} }}",
    "{base} .t:first-of-type {{ {show} }}",
    "{base} .card:has(h2) .t {{ {show} }}",
    "{base} h2 + .t {{ {show} }}",
    "{base} h2 ~ [data-x] {{ {show} }}",
    "@layer one, two; @layer one {{ p.t.t {{ {hide} }} }} @layer two {{ .t {{ {show} }} }}",
    ".t {{ {show} }} @layer one {{ p.t.o {{ {hide} }} }}",
    "@supports (-ms-ime-align: auto) {{ {base} }}",
    "@media (max-width: 9px) {{ {base} }}",
    ".t, .z::-moz-unknown {{ {hide} }}",
    ".card > table > tr > td, .x {{ {hide} }}",
    "{base} @scope (.card) {{ .t {{ {show} }} }}",
    ".card {{ container-type: inline-size }} {base} @container (min-width: 1px) {{ .o {{ {show} }} }}",
    ".card {{ {hide} }} .t {{ {show} }}",
    ".card {{ {hide} }} .card {{ {show} }}",
    "{base} .card::before {{ content: ''; position: absolute; inset: 0; background: navy; z-index: -1 }}",
    "{base} @keyframes in {{ to {{ opacity: 1 }} }}",
    "{base}",
    ".card {{ {hide} }}",
)
PAGE = (
    "<!doctype html><html><head><title>Ore</title><style>@keyframes in {{ to {{ opacity: 1 }} }} {rules}</style></head>"
    "<body><section><div class='card'><h2>Ore</h2><p class='t o' data-x=1>zinc</p>"
    "<table><tr><td>tin</td></tr></table></div></section></body></html>"
)
PAINTED = """async (pages) => Promise.all(pages.map((source) => new Promise((done) => {
  const frame = document.createElement("iframe");
  frame.width = 1280;
  frame.height = 720;
  frame.onload = () => {
    const view = frame.contentWindow, seen = [];
    const solid = (style) => !/^(?:rgba\\(0, 0, 0, 0\\)|rgb\\(255, 255, 255\\))$/.test(style.backgroundColor);
    for (const element of frame.contentDocument.querySelectorAll("h2, p, td")) {
      for (const animation of element.getAnimations({subtree: false})) animation.finish();
      const style = view.getComputedStyle(element), box = element.getBoundingClientRect();
      let behind = style.boxShadow !== "none", clipped = false;
      for (let at = element; at; at = at.parentElement) {
        const its = view.getComputedStyle(at), before = view.getComputedStyle(at, "::before");
        behind ||= solid(its) || (before.content !== "none" && solid(before)) || its.boxShadow !== "none";
        const tiny = its.clip.match(/-?[\\d.]+(?=px)/g)?.map(Number);
        clipped ||= tiny && (tiny[2] - tiny[0] <= 1 || tiny[1] - tiny[3] <= 1);
      }
      const ink = style.color.match(/[\\d.]+/g).map(Number);
      const inked = (ink[3] ?? 1) > 0.05 && (behind || Math.min(ink[0], ink[1], ink[2]) < 200);
      const isPlaced = box.width && box.height && box.right > 0 && box.bottom > 0;
      const shown = element.checkVisibility({opacityProperty: true, visibilityProperty: true});
      if (shown && isPlaced && !clipped && inked && parseFloat(style.fontSize) >= 2) seen.push(element.localName);
    }
    frame.remove();
    done(seen);
  };
  frame.srcdoc = source;
  document.body.append(frame);
})))"""


def pages() -> list[str]:
    """A page for each way to hide and each rule, the ways to show being taken in turn."""
    found = []
    for name, ways in HIDING.items():
        showing = cycle(SHOWING[name])
        for hide, rule in product(ways, RULES):
            found.append(PAGE.format(rules=rule.format(base=f".t {{ {hide} }}", hide=hide, show=next(showing))))
    return found


def test_what_chromium_paints_is_never_left_out(browser: Browser) -> None:
    made = pages()
    page = browser.new_page(viewport={"width": 1300, "height": 800})
    painted = [set(tags) for at in range(0, len(made), 60) for tags in page.evaluate(PAINTED, made[at : at + 60])]
    dropped = [{element.tag for element in unseen(parse(one.encode()))} for one in made]
    assert [(one, tags & left) for one, tags, left in zip(made, painted, dropped, strict=True) if tags & left] == []
    assert sum("p" not in tags for tags in painted) > 100
    assert sum("p" in left for left in dropped) > 30
