"""Decides whether the name that a source prints can be taken apart: only what is surely given name and family name."""

import re
from typing import TypedDict

from corpus.voices import Voice, is_outlet, listed, voice_of


class CslName(TypedDict, total=False):
    """A name as CSL has it: `family` and `given`, or `literal`, which no style turns round."""

    family: str
    given: str
    literal: str


def csl_name(printed: str) -> CslName:
    """A name in parts if they are sure, else as it is printed.

    Sure is a given name that is common where it stands first, then at most initials and particles, then one family
    name that is neither a common given name nor an office or a role. Offices, courtesies, capitals and bodies stay as
    printed, and so does every name whose order could be another: family names come first in Chinese, Korean or
    Hungarian.

    >>> csl_name("Anna M. Varn")
    {'family': 'Varn', 'given': 'Anna M.'}
    >>> csl_name("Ursula von der Kelm")
    {'family': 'von der Kelm', 'given': 'Ursula'}
    >>> csl_name("THE PRESIDENT"), csl_name("Minister Anna Varn")
    ({'literal': 'THE PRESIDENT'}, {'literal': 'Minister Anna Varn'})
    """
    parts = _PERSONAL.fullmatch(printed)
    if parts is None or parts["first"] not in _GIVEN or parts["last"] in _GIVEN or _is_body(printed):
        return {"literal": printed}
    if not _ROLES.isdisjoint(parts["last"].lower().split("-")):
        return {"literal": printed}
    return {"family": f"{parts['particles'] or ''}{parts['last']}", "given": f"{parts['first']}{parts['initials']}"}


def sort_of_author(printed: str) -> str | None:
    """The name's schema.org type, "Person" or "Organization"; `None` where the name does not tell.

    >>> sort_of_author("Embassy Spokesperson"), sort_of_author("Ministry of Harbours"), sort_of_author("KELM")
    ('Person', 'Organization', None)
    """
    found = voice_of(printed)
    if found is not None and found[0] in {Voice.OFFICE, Voice.COURTESY}:
        return "Person"
    if _is_body(printed):
        return "Organization"
    return "Person" if "family" in csl_name(printed) else None


def _is_body(printed: str) -> bool:
    return is_outlet(printed) or _BODY.search(printed) is not None


_BODY = re.compile(
    r"\b(?:Ministry|Ministries|Department|Embassy|Consulate|Government|Council|Committee|Commission|Agency|Office"
    r"|Bureau|Parliament|Congress|Senate|House|Cabinet|Union|Organi[sz]ation|Group|Bank|Court|Authority|Association"
    r"|Institute|University|Board|Mission|Delegation|Secretariat|Party|Company|Corporation|Foundation|Federation"
    r"|Prefecture|Republic|Kingdom|Nations|Team|Staff|Leaders|Ministers|Ministère|Ministerium|Ministerio|Ministero)\b",
    re.IGNORECASE,
)
# As a last word never a family name: "Florian Reporter" is a reporter. Those that many are called are left out.
_ROLES = listed(
    """
    reporter reporters journalist correspondent interviewer questioner interpreter translator moderator host presenter
    anchor operator facilitator announcer participant participants audience member delegate observer witness editor
    publisher spokesman spokeswoman spokesperson spokespeople minister ministers ministry secretary undersecretary
    president governor mayor senator congressman congresswoman representative ambassador envoy consul commissioner
    director chair chairman chairwoman chairperson chancellor premier treasurer attorney administrator coordinator
    adviser advisor counselor counsellor official officials officer commander commandant prefecture prefect
    inspector superintendent rapporteur candidate nominee
    """
)
_PERSONAL = re.compile(
    r"(?P<first>[^\W\d_]+(?:-[^\W\d_]+)?)(?P<initials>(?: [A-Z]\.)*) "
    r"(?P<particles>(?:(?:von|van|de|der|den|zu|di|du) )+)?"
    r"(?P<last>(?:Mc|Mac|O['’]|D['’])?[A-Z\u00c0-\u00de\u0100-\u017f][^\W\d_A-Z]+(?:-[A-Z][^\W\d_A-Z]+)?)"
)
# What may be a family name where those come first (Ben, Dan, Jan, Kay, Kim, Lee, May) is left out.
_GIVEN = listed(
    """
    Aaron Abigail Adam Adrian Agnes Alan Albert Alejandro Aleksandr Alessandro Alexander Alexandra Alexis Alfred Alice
    Alison Allison Amanda Amelia Andrea Andreas Andrew Andrey Angela Anna Annalena Anne Annette Anthony Antonio Antony
    Ashley Astrid Barbara Benjamin Bernard Bernd Bernie Bettina Beatrice Birgit Boris Brandon Brenda Brian Brigitte
    Bridget Bruno Camilla Carl Carla Carlos Carmen Carol Caroline Carolyn Catherine Cecilia Charles Charlotte Chloe
    Christina Christine Christoph Christopher Claire Claudia Clara Colin Connor Cynthia Daniel Daniela
    David Deborah Debra Denise Dennis Diana Diane Diego Dieter Dmitri Dmitry Dominic Dominique Donald Dorothy Douglas
    Edward Elaine Eleanor Elena Elisabeth Elizabeth Ellen Emily Emma Emmanuel Enrico Erik Ernst Eugene Eva Evelyn
    Fabian Fatima Federico Felipe Felix Fernando Florian Frances Francesca Francesco Franco Francois François Frank
    Franz Frederick Friedrich Gabriel Gabriela Gabriella Geoffrey George Gerald Gerhard Giorgia Giovanni
    Giuseppe Gloria Gordon Grace Graham Gregory Guillaume Gustav Hannah Harold Harriet Heather Heinrich Helen Helena
    Helga Henry Herbert Hillary Howard Hugo Ignacio Ingrid Irene Isabel Isabella Ivan Jack Jackie Jacob Jacqueline
    Jacques Jake James Jane Janet Janice Jason Javier Jean Jeffrey Jennifer Jeremy Jessica Jill Joachim Joan Joanna
    Joaquin Johan Johanna Johannes John Jonathan Jorge Joseph Joshua Josep Juan Judith Julia Julian Julie Juliette
    Jürgen Justin Karen Karin Karine Karl Katharina Katherine Kathleen Kathryn Katie Keith Kelly Kenneth Kevin Klaus
    Kristin Larry Laura Lauren Lawrence Leonard Leonardo Leslie Liam Linda Lisa Lorenzo Louis Louise Luca Lucas Lucia
    Lucy Luigi Luis Lukas Madeleine Manfred Manuel Marco Marcus Margaret Maria Marian Marie Marina Mario Marion Marius
    Mark Markus Martha Martin Martina Mary Mateo Matteo Matthew Matthias Maurice Maximilian Megan Melanie Melissa
    Michael Michel Michelle Miguel Mikhail Miriam Monica Monika Nancy Natalia Natalie Nathan Nicholas Nicola Nicolas
    Nicole Nikolai Nina Norman Olaf Oleg Olga Oliver Olivia Oscar Pablo Pamela Paolo Patricia Patrick Paul Paula Pedro
    Peter Philip Philippe Phyllis Pierre Rachel Rafael Ralph Raymond Rebecca Renate Ricardo Richard Rishi Robert Roberto
    Robin Roger Ronald Rosa Rosemary Rudolf Russell Ruth Samantha Samuel Sandra Sara Sarah Sebastian Sergei Sergey
    Sergio Sharon Sheila Shirley Silvia Simon Simone Sofia Sophia Sophie Stefan Stefanie Stella Stephanie Stephen Steven
    Stuart Susan Susanne Svenja Sylvia Teresa Terry Theodore Theresa Thomas Timothy Tobias Ursula Valentina Valerie
    Vanessa Vera Veronica Victor Viktor Vincent Vincenzo Vladimir Volker Walter Wanda Wendy Werner
    Wilhelm William Wolfgang Yvette Yvonne Zachary
    Gábor Péter László István Attila Zoltán Judit Katalin Éva Zsolt Balázs András Tamás Béla Ferenc János József
    """
)
