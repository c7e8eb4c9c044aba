"""The SQL of grants: rows in, domain objects out."""

from chassis.database import Store
from services.grants.domain import Application, Fund

FUND = "version, name, amount, granted, created_by, created_at"
APPLICATION = (
    "fund_id::text AS fund_id, version, title, purpose, requested, granted, state, reason, applicant, decided_by, "
    "created_at, submitted_at, decided_at"
)


class GrantsStore(Store):
    """Funds and applications."""

    def add_fund(self, fund: Fund) -> None:
        self.execute(
            """INSERT INTO funds (id, version, name, amount, granted, created_by, created_at)
               VALUES (:id, :version, :name, :amount, :granted, :created_by, :created_at)""",
            **vars(fund),
        )

    def fund(self, id: str) -> Fund | None:
        row = self.row(f"SELECT id::text AS id, {FUND} FROM funds WHERE id = :id", id=id)
        return row and Fund(**row)

    def lock_fund(self, id: str) -> Fund:
        """Return a fund that nobody else can grant from until the transaction ends.

        The lock is weak enough to let new applications refer to the fund meanwhile.
        """
        row = self.row(f"SELECT id::text AS id, {FUND} FROM funds WHERE id = :id FOR NO KEY UPDATE", id=id)
        return Fund(**row)

    def save_fund(self, fund: Fund) -> None:
        self.execute("UPDATE funds SET version = :version, granted = :granted WHERE id = :id", **vars(fund))

    def funds(self, *, after, limit) -> dict:
        return self.page(
            f"SELECT id, {FUND}, amount - granted AS available FROM funds WHERE true", after=after, limit=limit
        )

    def add_application(self, application: Application) -> None:
        self.execute(
            """INSERT INTO applications (id, version, fund_id, title, purpose, requested, state, applicant, created_at)
               VALUES (:id, :version, :fund_id, :title, :purpose, :requested, :state, :applicant, :created_at)""",
            **vars(application),
        )

    def application(self, id: str) -> Application | None:
        row = self.row(f"SELECT id::text AS id, {APPLICATION} FROM applications WHERE id = :id", id=id)
        return row and Application(**row)

    def lock_application(self, id: str) -> Application | None:
        row = self.row(f"SELECT id::text AS id, {APPLICATION} FROM applications WHERE id = :id FOR UPDATE", id=id)
        return row and Application(**row)

    def save_application(self, application: Application) -> None:
        self.execute(
            """UPDATE applications SET version = :version, state = :state, granted = :granted, reason = :reason,
                   decided_by = :decided_by, submitted_at = :submitted_at, decided_at = :decided_at WHERE id = :id""",
            **vars(application),
        )

    def applications(self, *, applicant, fund_id, state, after, limit) -> dict:
        """Return a page of applications; with an applicant, only theirs."""
        return self.page(
            f"""SELECT id, {APPLICATION} FROM applications
                WHERE (CAST(:applicant AS text) IS NULL OR applicant = :applicant)
                  AND (CAST(:fund_id AS uuid) IS NULL OR fund_id = CAST(:fund_id AS uuid))
                  AND (CAST(:state AS text) IS NULL OR state = :state)""",
            applicant=applicant,
            fund_id=fund_id,
            state=state,
            after=after,
            limit=limit,
        )


STORE = GrantsStore
