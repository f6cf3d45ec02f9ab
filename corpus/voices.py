"""Decides what the words of a label say about whoever speaks: a questioner, an office, a name, or nobody."""

import re
from enum import Enum, auto


class Voice(Enum):
    """What a label says about whoever speaks after it."""

    QUESTIONER = auto()
    """A questioner without a name: Q, Question, Reporter."""
    ANSWERER = auto()
    """An answer without a name: A, Answer."""
    STEERING = auto()
    """Who runs the meeting, or lends a voice: moderator, operator, interpreter."""
    HOST = auto()
    """Who runs a programme and asks in it."""
    CROWD = auto()
    """Somebody in the room: audience, participant."""
    OFFICE = auto()
    """A title of office, with or without a name: Minister Adler, THE PRESIDENT."""
    COURTESY = auto()
    """A name after Mr., Ms., Dr. and the like."""
    NAME = auto()
    """A bare name, of a person or of a newspaper."""


def voice_of(printed: str) -> tuple[Voice, str | None] | None:
    """The voice that a label announces and the name it gives; `None` when the words are no speaker's label.

    >>> voice, name = voice_of("Minister Adler")
    >>> voice.name, name
    ('OFFICE', 'Minister Adler')
    >>> voice_of("Opening Statement")
    """
    if (generic := _GENERIC.fullmatch(printed)) and not printed[0].islower():
        return Voice.QUESTIONER if generic["question"] else Voice.ANSWERER, _named(generic["who"] or generic["asker"])
    aside = _ASIDE.search(printed)
    name = printed[: aside.start()] if aside else printed
    voice = _voice_of_name(name)
    if voice is None:
        return None
    inside = _named(aside["inside"]) if aside else None
    if voice is Voice.NAME and inside and not _OFFICES.isdisjoint(_words(inside)):
        voice = Voice.OFFICE
    return voice, printed if inside else name


def announces(printed: str) -> bool:
    """Whether words look as if they announce who speaks, whether or not they are understood.

    >>> announces("A voice from the floor"), announces("Article 1")
    (True, False)
    """
    return voice_of(printed) is not None or (len(printed) <= HEAD and _ASKING.fullmatch(printed) is not None)


HEAD = 60
"""Characters in words that may announce a speaker, at most."""


def in_capitals(name: str) -> bool:
    """Whether a name is printed in capitals, but for "Mc", "von" and the like.

    >>> in_capitals("MR. McADLER"), in_capitals("Mr. Adler")
    (True, False)
    """
    bare = re.sub(r"\b(?:Mc|Mac|De|Di|La|Le|Van|Von)(?=[^\W\d_a-z]{2})", "", _ASIDE.sub("", name))
    letters = [char for word in bare.split() if word not in _CONNECTORS for char in word]
    return any(char.isupper() for char in letters) and not any(char.islower() for char in letters)


def is_outlet(name: str) -> bool:
    """Whether a name is a newspaper's, an agency's or a broadcaster's."""
    return _OUTLET.search(name) is not None


def listed(words: str) -> frozenset[str]:
    """A set of words from a list set in type.

    >>> sorted(listed("zinc tin"))
    ['tin', 'zinc']
    """
    return frozenset(words.split())


_QUESTION_WORDS = (
    r"[qp]\.?|questions?|follow-?up|follow-?up question|reporter|journalist|questioner|interviewer|correspondent"
    r"|unidentified reporter|journaliste|giornalista|jornalista|journalistin"
    r"|frage|zusatzfrage|nachfrage|pregunta|periodista"
    r"|pergunta|domanda|vraag|вопрос|журналист"
    r"|问|問|提问|\w{0,8}(?:记者|記者)|記者問|質問|질문|سؤال"
)
_ANSWER_WORDS = r"[ar]\.?|answer|antwort|réponse|respuesta|resposta|risposta|antwoord|ответ|答|回答|答え|답변|جواب"
_GENERIC = re.compile(
    rf"(?:(?P<question>(?:(?:an?|another|first|second|third|fourth) )?(?:{_QUESTION_WORDS}))"
    rf"|(?P<answer>{_ANSWER_WORDS}))(?: ?(?:no\. ?|#)?\d{{1,3}})?"
    r"(?: ?[(（](?P<who>[^()（）]+)[)）]|(?(question)(?:,| –| -| from| by) (?P<asker>(?-i:[^\W\d_a-z]).*)))?",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"""
    (?: (?i:an?|another|the|first|second|third|fourth|fe?male|unidentified) \s )?
    (?: [^\W\d_a-z][\w.’'-]*\s ){0,4}
    (?i:questions?|journalists?|reporters?|correspondents?|interviewers?|voice|heckler|audience)
    (?: \s (?:to|from|of|in|for|by|on|with) \b .* )?
    """,
    re.VERBOSE,
)
_COURTESIES = listed("mr ms mrs miss mx dr sir dame lord lady baroness prof professor shri smt hon herr frau")
_OFFICES = listed("""
    president president-elect vice vice-president prime minister secretary secretary-general undersecretary
    under-secretary-general chair chairman chairwoman chairperson vice-chair governor senator representative
    high-representative congressman congresswoman ambassador administrator director commissioner commissioner-general
    spokesperson spokesman spokeswoman official officials judge justice king queen prince princess pope chancellor
    taoiseach tánaiste premier treasurer mayor commander commandant captain lieutenant sergeant colonel admiral
    surgeon attorney advisor adviser counselor counsellor coordinator reverend bishop archbishop rabbi pastor imam
    officer sheriff rapporteur gentleman envoy inspector superintendent councilmember councilwoman councilman
    assemblymember assemblywoman sgt lt col gen adm rep sen gov amb pm bundeskanzler bundeskanzlerin bundesminister
    bundesministerin staatssekretär sts ministre président présidente ministro ministra presidente presidenta
    portavoz porte-parole
""")
_RANKS = listed("general major chief deputy leader speaker coach delegate senior acting interim first lady")
"""Titles that are common words as well: trusted in capitals only."""
_STEERING = listed("""
    moderator operator interpreter translator aide staff staffer facilitator announcer emcee clerk transcriber
""")
_HOSTS = listed("host presenter anchor compere newsreader")
_CROWD = listed("""
    audience participant participants crowd child children student students crew member members voice voices
    attendee attendees protester protesters protestor protestors demonstrator heckler unidentified unknown spectators
""")
_CONNECTORS = listed("""
    of the for and de la le du des del della di da dos van von der den ter bin bint ibn al el y e & zu und et
""")
_FUNCTION_WORDS = listed("""
    a an i to in on is are was were be been by with from at as our your my his her its their that this these those
    here there what why how when where which would can could should must not no but so or if because will it's
    here's there's that's let's
""")
_ALONE = _FUNCTION_WORDS | listed("he she it we you they who yes")
"""Never a name by themselves; He and You are surnames."""
_HEADINGS = listed("""
    note notes background dear re subject date time location venue contact contacts update updates updated correction
    editor's editors first second third fourth fifth finally next last also example examples article section chapter
    part annex appendix fact facts myth claim reality hoax promise promises source sources statement statements
    remarks watch read more see view click visit bottom questions answers summary overview introduction conclusion
    purpose policy title image photo photos video audio transcript text caption credit tel phone fax email e-mail
    website address telephone key topic topics agenda warning important reminder let look listen now then before
    after today tomorrow yesterday press-release release embargo nominations withdrawals opening closing session
    priority goal goals objective objectives action actions result results step steps option options figure table
    above below about details information points highlights recommendations conclusions references
""")
_OUTLET = re.compile(
    r"\b(?:Reuters|AFP|AP|Bloomberg|CCTV|CGTN|Xinhua|BBC|CNN|NBC|CBS|ABC|NHK|TASS|DPA|EFE|ANSA|Kyodo|Yonhap|PTI|News"
    r"|Times|Daily|Post|TV|Television|Radio|Agency|Press|Herald|Journal|Paper|Guardian|Broadcasting|Observer)\b"
)
_ASIDE = re.compile(r"\s*[(（\[](?P<inside>[^()（）\[\]]*)[)）\]]\s*$")


def _named(inside: str | None) -> str | None:
    """What stands in brackets, if it names somebody: "(Adler Post)", not "(inaudible)" or "(As interpreted.)"."""
    if not inside or not inside[0].isupper() or inside.split()[0].casefold() in {"as", "via", "through", "in"}:
        return None
    return inside


def _voice_of_name(name: str) -> Voice | None:
    words = _words(name)
    words = words[1:] if words[:1] == ["the"] else words
    if not words or not _shaped_like_a_name(name, words):
        return None
    titles = _OFFICES | _RANKS if in_capitals(name) else _OFFICES
    if words[0] in _CROWD:
        return Voice.CROWD
    marks = [(_STEERING, Voice.STEERING), (_HOSTS, Voice.HOST), (titles, Voice.OFFICE)]
    found = next((voice for listed, voice in marks if not listed.isdisjoint(words)), Voice.NAME)
    # "The Right Hon." has its courtesy in second place.
    courteous = len(words) > 1 and not _COURTESIES.isdisjoint(words[:2])
    return Voice.COURTESY if found is Voice.NAME and courteous else found


def _words(name: str) -> list[str]:
    return [word.strip(".,’'").casefold() for word in name.split() if word.strip(".,’'")]


def _shaped_like_a_name(name: str, words: list[str]) -> bool:
    if len(name) == 1 or name[0].islower() or re.search(r"\w\.\w$", name):
        return False
    if len(words) > 10 or not re.fullmatch(r"[\w\s.,'’‘&#/-]+", name) or name[-1] in ",&/":
        return False
    if re.search(r"\d", re.sub(r"#?\d{1,2}$", "", name)) or (words[0] not in _COURTESIES and _is_heading(words)):
        return False
    return all(_capitalised(word) or word.casefold() in _CONNECTORS for word in name.split())


def _is_heading(words: list[str]) -> bool:
    """Whether words in the shape of a name are a heading: "Opening Statement", "RAISING TRADE STANDARDS"."""
    ordinal_title = words[0] in {"first", "second"} and words[1:2] and words[1] in _OFFICES | _RANKS
    starts_as_one = words[0] in _HEADINGS and not ordinal_title
    gerund = len(words) > 2 and re.fullmatch(r"\w{3,}ing", words[0]) and words[0] not in _OFFICES | _RANKS
    # The last word may be a surname: May, So, Will.
    sentence = not _FUNCTION_WORDS.isdisjoint(words[:-1]) or (len(words) == 1 and words[0] in _ALONE)
    return starts_as_one or gerund or sentence or words[-1] in _HEADINGS


def _capitalised(word: str) -> bool:
    first = word.lstrip("'’‘#(")[:1]
    return not first.islower() or bool(re.match(r"(?:[a-z]{1,2}[-’'])[^\W\d_a-z]", word))
