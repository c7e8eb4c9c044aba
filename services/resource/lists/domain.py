"""What becomes of a row of a table, and who may do what with an import. No I/O."""

from dataclasses import dataclass, field, is_dataclass
from datetime import datetime, timedelta

from contracts.errors import Conflict, Forbidden

BATCH = 500
ATTEMPTS = 3  # at reading the same import
KEPT = timedelta(days=7)
SAME_WITHIN = timedelta(days=31)  # the same words again within a month are likely the same thing


@dataclass
class Row:
    """A row on its way in: what will become of it and why; `data` and `provider` are as the calls take them."""

    line: int
    outcome: str = "new"
    reasons: list[dict] = field(default_factory=list)
    data: dict | None = None
    provider: dict | None = None
    phone_digest: bytes | None = None
    subject_id: str | None = None
    version: int | None = None
    before: dict | None = None
    changes: dict | None = None

    @property
    def title(self) -> str | None:
        """Return the public title or name; none where the row is wrong, because then it may hold anything."""
        return None if self.outcome == "wrong" else self.data.get("title") or self.data.get("name")


@dataclass(frozen=True)
class Columns:
    """The heading of a table, for pointing at cells."""

    names: tuple[str, ...]

    def reason(self, line: int, column: str | None, slug: str) -> dict:
        """Return what is said of a cell; without a column it is about the row."""
        return {"column": column, "cell": self.cell(line, column), "slug": slug}

    def cell(self, line: int, column: str | None) -> str | None:
        """Return a cell's address as Excel names it, such as C17."""
        if column not in self.names:
            return None
        number, letters = len(self.names) - self.names[::-1].index(column), ""
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(65 + rest) + letters
        return f"{letters}{line}"

    def letter(self, column: str | None) -> str:
        """Return a column's letters; nothing for one that is not in the table."""
        return (self.cell(0, column) or "")[:-1]


def differences(row: dict, data: dict, given: set[str]) -> tuple[dict, dict]:
    """Return (what a row changes of a thing, what that was before), of the fields that its table has."""
    changes = {name: data[name] for name in sorted(given) if name in data and plain(row[name]) != plain(data[name])}
    return changes, {name: row[name] for name in changes}


def plain(value):
    """Return a value as a table shows it: tables know no part of a second, and what has parts by its parts."""
    if isinstance(value, (list, tuple)):
        return tuple(map(plain, value))
    if is_dataclass(value):
        value = vars(value)
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def chosen(outcome: str, include_duplicates: bool, include_changes: bool) -> bool:
    """Tell whether rows of an outcome are taken."""
    return (
        outcome == "new"
        or (outcome == "duplicate" and include_duplicates)
        or (outcome == "changed" and include_changes)
    )


def may_decide(job: dict, caller) -> None:
    """Raise Forbidden where an import is neither the caller's nor the caller from the office."""
    if caller.id not in (job["imported_by"], job["applied_by"]) and "office" not in caller.roles:
        raise Forbidden("not_your_import")


def may_apply(job: dict, wrong: int, skip_wrong: bool) -> None:
    """Raise Conflict where an import was not previewed, or has wrong rows that the caller does not want to leave out."""
    if job["state"] == "failed":
        raise Conflict("import_failed")
    if job["state"] != "previewed":
        raise Conflict("import_still_reading" if job["state"] == "reading" else "import_already_decided")
    if wrong and not skip_wrong:
        raise Conflict("import_has_wrong_rows", "skip_wrong", wrong=wrong)


def may_undo(job: dict, now: datetime) -> None:
    """Raise Conflict where an import was not applied, or too long ago."""
    if job["state"] != "applied":
        raise Conflict("import_not_applied")
    if now - job["applied_at"] > KEPT:
        raise Conflict("import_too_old_to_undo", days=KEPT.days)
