"""Decides what a citation is as a schema.org ClaimReview: the claim filled in, the review left to the reviewer."""

from typing import Any

from service.citing import Cited
from service.formats.csl import CslItem, as_json, author_of, csl_item, iso_date
from service.formats.names import sort_of_author


def claim_review(cited: Cited) -> str:
    """The claim in JSON-LD; `null` stands where the fact-checker has to fill in, and nowhere else.

    The words are the claim, character for character. Where the words are nobody's that is known, the claim has no
    author; `genre` says of a question that it is one. The page is where they appear, not surely where they first did.
    """
    item = csl_item(cited)
    review: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": None,
        "datePublished": None,
        "author": {"@type": "Organization", "name": None, "url": None},
        "claimReviewed": cited.text,
        "itemReviewed": _claim(item),
        "reviewRating": {
            "@type": "Rating",
            "ratingValue": None,
            "bestRating": None,
            "worstRating": None,
            "alternateName": None,
        },
    }
    return as_json(review)


def _claim(item: CslItem) -> dict[str, Any]:
    claim: dict[str, Any] = {"@type": "Claim"}
    if author := _author(item):
        claim["author"] = author
    if "issued" in item:
        claim["datePublished"] = iso_date(item["issued"])
    if "genre" in item:
        claim["genre"] = item["genre"]
    appearance: dict[str, Any] = {"@type": "CreativeWork"}
    if "title" in item:
        appearance["name"] = item["title"]
    if "URL" in item:
        appearance["url"] = item["URL"]
    if "publisher" in item:
        appearance["publisher"] = {"@type": "Organization", "name": item["publisher"]}
    if len(appearance) > 1:
        claim["appearance"] = appearance
    return claim


def _author(item: CslItem) -> dict[str, str]:
    name = author_of(item)
    if name is None:
        return {}
    # An introduction is by the issuer, whatever its name looks like.
    sort = "Organization" if name == item.get("publisher") else sort_of_author(name)
    return ({"@type": sort} if sort else {}) | {"name": name}
