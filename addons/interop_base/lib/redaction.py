"""Takes the values out of SQL statements and database errors, and leaves what helps to mend them.

Odoo logs a failing statement with its values, and PostgreSQL's messages quote them ("Failing row
contains …", "invalid input syntax for type integer: …"). All functions here are total: they
accept any text, and where they cannot tell a value from a name they withhold it.
"""

import re
from collections.abc import Iterator

import psycopg2
from psycopg2 import errorcodes

WITHHELD = "(withheld)"
#: Messages of functions in the database are free text: nobody knows what they quote.
RAISED_BY_FUNCTION = "P0"
#: Only numbers and lock modes: worth keeping.
HARMLESS_DETAIL = frozenset({errorcodes.DEADLOCK_DETECTED})

# One token of SQL per alternative, the first that fits wins. What ends in `|\Z` may be cut short.
_SQL_TOKEN = re.compile(
    r"""
      (?P<comment> --[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<dollar> \$(?P<tag>[A-Za-z_]\w*|)\$ .*? (?:\$(?P=tag)\$|\Z) )
    | (?P<estring> \b[eE]'(?:[^'\\]++|\\.|'')*+(?:'|\Z) )
    | (?P<string> (?:\b[bBxXnN]|\b[uU]&)?'(?:[^']++|'')*+(?:'|\Z) )
    | (?P<name> "(?:[^"]++|"")*+" )
    | (?P<open> "[^"]*\Z )
    | (?P<word> [A-Za-z_\u0080-\uffff][\w$]* )
    | (?P<param> \$\d+ | %s | %\(\w+\)s )
    | (?P<number> \d[\w.]* | \.\d\w* )
    """,
    re.VERBOSE | re.DOTALL,
)
_KEPT_TOKENS = frozenset({"name", "word", "param"})

# In a message of PostgreSQL: something in quotes, with the word before it.
_QUOTED = re.compile(
    r"""(?P<before>\w+\s+)?(?P<open>["'«„“‘])(?P<inner>.*?)(?P<close>["'»“”’]|\Z)""", re.DOTALL
)
_NAMING_WORDS = frozenset(
    "column constraint cursor database extension function index operator parameter relation role "
    "savepoint schema sequence table trigger type view".split()
)
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_.]*\Z")
_LONG_NUMBER = re.compile(r"(?<![\w\"])(?:0x[0-9a-fA-F ]+|\d{4,})(?!\w)")

# In running text: a part of a database error, up to where something else begins.
_PART = re.compile(
    r"""
    (?P<head> (?:^|(?<=\\n)|(?<=\n)) [\s|]* (?:DETAIL|CONTEXT|QUERY|STATEMENT):\s )
    .*?
    (?= (?:\n|\\n) \s* (?:DETAIL|CONTEXT|QUERY|STATEMENT|HINT|LINE\ \d+):
      | \n\n | \nTraceback | \n\ \ File\ | \Z )
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_LINE = re.compile(r"(?P<head>(?:^|\\n)[\s|]*LINE \d+: )[^\n]*(?:\n[ \t]*\^)?", re.MULTILINE)
_BAD_QUERY = re.compile(r"(?P<head>bad query: ).*?(?=\nERROR: |\n\n|\nTraceback |\Z)", re.DOTALL)
_MARKERS = ("DETAIL:", "CONTEXT:", "QUERY:", "STATEMENT:", "LINE ", "bad query: ")


def redact_sql(statement: str | bytes) -> str:
    """The statement with every literal replaced by ``?``; names and structure stay.

    >>> redact_sql("UPDATE t SET name = 'O''Neil', age = 42 WHERE \\"id\\" = $1 -- Neil")
    'UPDATE t SET name = ?, age = ? WHERE "id" = $1 '
    """
    if isinstance(statement, bytes):
        statement = statement.decode("utf-8", "replace")
    return _SQL_TOKEN.sub(_token, statement)


def _token(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "tag":
        kind = "dollar"
    if kind in _KEPT_TOKENS:
        return match.group()
    return "" if kind == "comment" else "?"


def describe(error: psycopg2.Error) -> str:
    """A database error in one line: what kind, where, but not with which value."""
    code = error.pgcode
    if not code:
        # Not from a statement: the connection, or psycopg2 itself.
        return redact_text(str(error)).strip()
    diag = error.diag
    places = {
        "table": diag.table_name,
        "column": diag.column_name,
        "constraint": diag.constraint_name,
        "type": diag.datatype_name,
    }
    message = diag.message_primary or ""
    if code.startswith(RAISED_BY_FUNCTION):
        message = f"message of a database function {WITHHELD}"
    else:
        message = _redact_message(message, frozenset(name for name in places.values() if name))
    facts = [code, *(f"{what} {name}" for what, name in places.items() if name)]
    if code in HARMLESS_DETAIL and diag.message_detail:
        facts.append(" ".join(diag.message_detail.split()))
    return f"{message} [{', '.join(facts)}]"


def _redact_message(message: str, names: frozenset[str]) -> str:
    def keep_or_hide(match: re.Match[str]) -> str:
        before = match["before"] or ""
        inner = match["inner"]
        named = before.strip().lower() in _NAMING_WORDS and _IDENTIFIER.match(inner)
        return match.group() if named or inner in names else f'{before}"?"'

    return _LONG_NUMBER.sub("?", _QUOTED.sub(keep_or_hide, message))


def redact_text(text: str) -> str:
    """Running text (a message, a formatted traceback) without the parts that quote values.

    >>> print(redact_text("boom\\nDETAIL:  Key (name)=(Neil) already exists.\\nHINT:  x"))
    boom
    DETAIL: (withheld)
    HINT:  x
    """
    if not any(marker in text for marker in _MARKERS):
        return text
    text = _BAD_QUERY.sub(lambda m: m["head"] + redact_sql(m.group()[len(m["head"]) :]), text)
    text = _PART.sub(lambda m: m["head"] + WITHHELD, text)
    return _LINE.sub(lambda m: m["head"] + WITHHELD, text)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all that led to it or is grouped in it, each once."""
    seen: set[int] = set()
    todo = [error]
    while todo:
        current = todo.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        todo += [current.__cause__, current.__context__]
        if isinstance(current, BaseExceptionGroup):
            todo += current.exceptions


def database_errors(error: BaseException | None) -> list[psycopg2.Error]:
    return [link for link in chain(error) if isinstance(link, psycopg2.Error)]


def redact_errors_in(text: str, errors: list[psycopg2.Error]) -> str:
    """``text`` with the wording of these errors replaced by their description."""
    for error in errors:
        safe = describe(error)
        for wording in _wordings(error):
            text = text.replace(wording, safe)
        # In a group of exceptions each line stands indented, so the whole is not found.
        for line in str(error).splitlines():
            if len(line.strip()) > 3 and line.strip() not in safe:
                text = text.replace(line.strip(), WITHHELD)
    return redact_text(text)


def _wordings(error: psycopg2.Error) -> list[str]:
    """How the error's text can stand in another text: as it is, escaped, or its first line."""
    full = str(error)
    found = {full, full.strip(), repr(full)[1:-1], repr(full.strip())[1:-1]}
    if error.diag.message_primary:
        found.add(error.diag.message_primary)
    if error.diag.message_detail:
        found.add(error.diag.message_detail)
    # The longest first, so that none is left in halves. Very short ones say nothing.
    return sorted((wording for wording in found if len(wording) > 3), key=len, reverse=True)


# Importing the hook last keeps this module free of logging; see log_redaction.
def install() -> None:
    """Redact every log record of this process from now on."""
    from .log_redaction import install as install_hook

    install_hook()
