"""An import's life: read in batches, previewed, applied as one transaction or not at all, undone or forgotten."""

import base64
import binascii
import json
import time
from collections import defaultdict
from datetime import UTC, date, datetime

from chassis.client import Caller
from contracts.errors import Conflict, Invalid, Refusal
from services.resource.ids import new_id
from services.resource.lists import domain, saving, tables
from services.resource.lists.checking import Checker

SECOND = 1.0


def begin(store, keyring, filename: str, content: str, kind: str | None, mapping_text: str | None) -> dict:
    """Take in a file: its rows are kept, sealed, until they are applied or discarded. Raises Invalid."""
    try:
        columns, table = tables.read_table(filename, base64.b64decode(content, validate=True))
    except binascii.Error as error:
        raise Invalid("unreadable_file", "file") from error
    rules = tables.choose_mapping(columns, kind, mapping_text)
    id, caller = new_id(), store.caller
    store.add_import(
        id=id, kind=rules["kind"], mapping=rules["name"], rows=len(table), columns=list(columns), rules=rules,
        communities=list(caller.communities), imported_by=caller.id,
    )  # fmt: skip
    for number, at in enumerate(range(0, len(table), domain.BATCH)):
        _keep(store.add_batch, keyring, id, number, table[at : at + domain.BATCH])
        time.sleep(0)  # let other calls of this process go on
    return store.import_of(id)


def read_on(store, keyring, job: dict, now: datetime) -> None:
    """Check batches of an import for about a second."""
    checker = Checker(store, keyring, job, Caller(job["imported_by"], (), tuple(job["communities"])))
    until = time.monotonic() + SECOND
    while _step(store, keyring, job, now, checker) and time.monotonic() < until:
        pass


def _step(store, keyring, job: dict, now: datetime, checker: Checker) -> bool:
    """Check the next batch of an import, or end the reading of it; return whether more is to be read."""
    batch = store.next_batch(job["id"])
    if batch is None:
        store.save_import(job["id"], state="previewed", read_at=now)
        return False
    about = f"import/{job['id']}/{batch['number']}"
    rows = checker.check(json.loads(keyring.open(batch["content"], about)))
    store.add_rows(job["id"], rows)
    _mark_twins(store, job, now, rows[0].line, rows[-1].line)
    good = [[row.line, row.data, row.provider, row.changes] for row in rows if row.outcome != "wrong"]
    _keep(store.save_batch, keyring, job["id"], batch["number"], good)
    job["done"] += len(rows)
    store.save_import(job["id"], done=job["done"], rejected=job["rejected"] + len(rows) - len(good))
    job["rejected"] += len(rows) - len(good)
    return True


def note_failure(store, job: dict) -> None:
    """Count that an import could not be read on; after so many times it is given up, and its rows are let go."""
    attempts = job["attempts"] + 1
    store.save_import(job["id"], attempts=attempts)
    if attempts >= domain.ATTEMPTS:
        store.save_import(job["id"], state="failed")
        _forget(store, job | {"state": "failed"})


def apply(service, store, job: dict, now: datetime, *, skip_wrong, include_duplicates, include_changes) -> None:
    """Take the rows that were chosen into the library, all of them or none. Raises Conflict, Forbidden."""
    domain.may_decide(job, store.caller)
    domain.may_apply(job, job["rejected"], skip_wrong)
    for community in store.communities_of_rows(job["id"]):
        store.caller.must_see(community)
    store.one_apply_at_a_time()
    if not include_duplicates:
        _mark_twins(store, job, now, 0, tables.MOST_LINES)  # of what was registered since the preview
    created = 0
    for number, sealed in store.batches(job["id"]):
        batch = json.loads(service.keyring.open(sealed, f"import/{job['id']}/{number}"), object_hook=_moments)
        if batch:
            created += _apply_batch(service, store, job, batch, include_duplicates, include_changes)
    store.note_skipped(job["id"])
    store.save_import(job["id"], state="applied", created=created, applied_by=store.caller.id, applied_at=now)
    store.drop_batches(job["id"])


def undo(service, store, job: dict, now: datetime) -> None:
    """Withdraw what an import registered and give back what it changed, but for what was touched since."""
    domain.may_decide(job, store.caller)
    domain.may_undo(job, now)
    columns, after, providers = domain.Columns(tuple(job["columns"])), 0, []
    while rows := store.taken_rows(job["id"], after):
        lines, left = defaultdict(list), _undo_batch(service, store, job["kind"], rows)
        for row in rows:
            lines[left.get(row["subject_id"])].append(row["line"])
        for slug, some in lines.items():
            reason = columns.reason(some[0], None, _why_left(slug)) if slug else None
            store.note_undone(job["id"], some, "left" if slug else "undone", reason)
        providers += [row["made_provider"] for row in rows if row["made_provider"]]
        after = rows[-1]["line"]
        store.flush()
        time.sleep(0)  # let other calls of this process go on
    for at in range(0, len(providers), domain.BATCH):
        # Somebody may have registered more of theirs since.
        some = store.providers_without_offers(providers[at : at + domain.BATCH])
        saving.withdraw(store, "providers", dict.fromkeys(some))
        store.flush()
    store.save_import(job["id"], state="undone", undone_by=store.caller.id, undone_at=now)


def discard(store, job: dict) -> None:
    """Let an import go that was not applied; nothing of its rows is kept. Raises Conflict, Forbidden."""
    domain.may_decide(job, store.caller)
    if job["state"] not in ("reading", "previewed"):
        raise Conflict("import_already_decided")
    _forget(store, job)


def forget_old(store, now: datetime, limit: int = 5) -> bool:
    """Let go what is kept of imports after a week; return whether there is more."""
    old = store.imports_to_forget(now - domain.KEPT, limit)
    for job in old:
        _forget(store, job)
    return len(old) == limit


def at_once(service, store, filename, content, kind, mapping_text) -> dict:
    """Take every row of a file that is right, and report the others: preview and apply in one."""
    now, caller = datetime.now(UTC), store.caller
    job = begin(store, service.keyring, filename, content, kind, mapping_text)
    checker = Checker(store, service.keyring, job, caller)
    while _step(store, service.keyring, job, now, checker):
        pass
    job["state"] = "previewed"
    apply(service, store, job, now, skip_wrong=True, include_duplicates=True, include_changes=True)
    return store.import_of(job["id"])


def _apply_batch(service, store, job, batch, include_duplicates, include_changes) -> int:
    known = store.rows_between(job["id"], batch[0][0], batch[-1][0])
    new, taken = [], []
    for line, data, provider, changes in batch:
        row = known[line]
        if not domain.chosen(row["outcome"], include_duplicates, include_changes):
            continue
        if row["outcome"] != "changed":
            new.append((line, data, provider))
            continue
        try:
            version = saving.change(service, store, job["kind"], row["subject_id"], row["version"], changes)
        except Conflict as refusal:
            raise Conflict("import_is_outdated", line=line) from refusal
        taken.append((line, "changed", row["subject_id"], version, None))
    if new:
        made = saving.create(store, service.keyring, job["kind"], [(data, provider) for _, data, provider in new])
        taken += [
            (line, "created", id, version, provider)
            for (line, _, _), (id, version, provider) in zip(new, made, strict=True)
        ]
    store.note_taken(job["id"], taken)
    store.flush()
    time.sleep(0)
    return len(new)


def _undo_batch(service, store, kind, rows) -> dict[str, str]:
    """Undo what became of rows; return why things were left, by id."""
    created = {row["subject_id"]: row["version"] for row in rows if row["became"] == "created"}
    left = saving.withdraw(store, kind, created)
    for row in rows:
        if row["became"] == "changed":
            try:
                saving.change(service, store, kind, row["subject_id"], row["version"], _moments(row["before"]))
            except Refusal as refusal:
                left[row["subject_id"]] = refusal.slug
            time.sleep(0)
    return left


def _why_left(slug: str) -> str:
    return "touched_since" if slug == "stale_version" else slug


def _forget(store, job):
    store.drop_batches(job["id"])
    store.drop_rows(job["id"])
    if job["state"] in ("reading", "previewed"):
        store.save_import(job["id"], state="discarded")


def _mark_twins(store, job, now, first, last):
    field = "name" if job["kind"] == "providers" else "title"
    column = tables.column_of(job["rules"]["fields"], field)
    store.mark_twins(
        job["id"], job["kind"], first=first, last=last, since=now - domain.SAME_WITHIN, column=column,
        letter=domain.Columns(tuple(job["columns"])).letter(column),
    )  # fmt: skip


def _keep(save, keyring, id, number, rows):
    text = json.dumps(rows, ensure_ascii=False, default=lambda moment: moment.isoformat(), separators=(",", ":"))
    save(id, number, keyring.seal(text, f"import/{id}/{number}"))


def _moments(document: dict) -> dict:
    moments = {name: datetime.fromisoformat(document[name]) for name in tables.MOMENTS if document.get(name)}
    days = {"expires_on": date.fromisoformat(document["expires_on"])} if document.get("expires_on") else {}
    if document.get("days_off"):
        days["days_off"] = [date.fromisoformat(day) for day in document["days_off"]]
    return document | moments | days
