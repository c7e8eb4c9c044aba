"""The SQL of venue: rows in, domain objects out."""

from psycopg2.errors import ExclusionViolation
from sqlalchemy.exc import IntegrityError

from chassis.database import Store
from contracts.errors import Conflict
from services.venue.domain import Booking, Site, Space

SITE = "version, name, community, address, created_by, created_at"
SPACE = (
    "p.version, p.site_id::text AS site_id, p.name, p.kind, p.capacity, p.created_by, p.created_at, "
    "s.name AS site_name, s.community"
)
SPACES = f"SELECT p.id::text AS id, {SPACE} FROM spaces AS p JOIN sites AS s ON s.id = p.site_id"
BOOKING = (
    "version, space_id::text AS space_id, title, starts_at, ends_at, people, state, reason, requested_by, "
    "decided_by, created_at, decided_at"
)


class VenueStore(Store):
    """Sites, spaces and bookings."""

    def add_site(self, site: Site) -> None:
        self.execute(
            """INSERT INTO sites (id, version, name, community, address, created_by, created_at)
               VALUES (:id, :version, :name, :community, :address, :created_by, :created_at)""",
            **vars(site),
        )

    def site(self, id: str) -> Site | None:
        row = self.row(f"SELECT id::text AS id, {SITE} FROM sites WHERE id = :id", id=id)
        return row and Site(**row)

    def sites(self, *, communities, community, after, limit) -> dict:
        return self.page(
            f"""SELECT id, {SITE} FROM sites
                WHERE (CAST(:community AS text) IS NULL OR community = :community)
                  AND (cardinality(CAST(:communities AS text[])) = 0 OR community = ANY(CAST(:communities AS text[])))""",
            communities=list(communities),
            community=community,
            after=after,
            limit=limit,
        )

    def add_space(self, space: Space) -> None:
        self.execute(
            """INSERT INTO spaces (id, version, site_id, name, kind, capacity, created_by, created_at)
               VALUES (:id, :version, :site_id, :name, :kind, :capacity, :created_by, :created_at)""",
            **vars(space),
        )

    def space(self, id: str) -> Space | None:
        row = self.row(f"{SPACES} WHERE p.id = :id", id=id)
        return row and Space(**row)

    def lock_space(self, id: str) -> Space | None:
        """Return a space whose bookings nobody else can change until the transaction ends.

        Without it, two bookings that reach the exclusion constraint together may wait for each other
        until the database ends one of them.
        """
        row = self.row(f"{SPACES} WHERE p.id = :id FOR NO KEY UPDATE OF p", id=id)
        return row and Space(**row)

    def spaces(self, *, communities, site_id, after, limit) -> dict:
        return self.page(
            f"""SELECT * FROM (SELECT p.id, {SPACE} FROM spaces AS p JOIN sites AS s ON s.id = p.site_id
                    WHERE CAST(:site_id AS uuid) IS NULL OR p.site_id = CAST(:site_id AS uuid)) AS spaces
                WHERE (cardinality(CAST(:communities AS text[])) = 0 OR community = ANY(CAST(:communities AS text[])))""",
            communities=list(communities),
            site_id=site_id,
            after=after,
            limit=limit,
        )

    def add_booking(self, booking: Booking) -> None:
        """Keep a new booking. Raises Conflict where it overlaps with one that holds its time."""
        try:
            self.execute(
                """INSERT INTO bookings (id, version, space_id, title, starts_at, ends_at, people, state,
                       requested_by, created_at)
                   VALUES (:id, :version, :space_id, :title, :starts_at, :ends_at, :people, :state,
                       :requested_by, :created_at)""",
                **vars(booking),
            )
        except IntegrityError as error:
            if not isinstance(error.orig, ExclusionViolation):
                raise
            raise Conflict("space_already_booked", "starts_at") from error

    def booking(self, id: str) -> Booking | None:
        row = self.row(f"SELECT id::text AS id, {BOOKING} FROM bookings WHERE id = :id", id=id)
        return row and Booking(**row)

    def lock_booking(self, id: str) -> Booking:
        row = self.row(f"SELECT id::text AS id, {BOOKING} FROM bookings WHERE id = :id FOR UPDATE", id=id)
        return Booking(**row)

    def save_booking(self, booking: Booking) -> None:
        self.execute(
            """UPDATE bookings SET version = :version, state = :state, reason = :reason, decided_by = :decided_by,
                   decided_at = :decided_at WHERE id = :id""",
            **vars(booking),
        )

    def bookings(
        self, *, communities, requested_by, space_id, state, starts_after, starts_before, after, limit
    ) -> dict:
        """Return a page of bookings that start in [starts_after, starts_before); with `requested_by`, only theirs."""
        return self.page(
            f"""SELECT id, {BOOKING} FROM bookings
                WHERE (CAST(:requested_by AS text) IS NULL OR requested_by = :requested_by)
                  AND (CAST(:space_id AS uuid) IS NULL OR space_id = CAST(:space_id AS uuid))
                  AND (CAST(:state AS text) IS NULL OR state = :state)
                  AND (CAST(:starts_after AS timestamptz) IS NULL OR starts_at >= CAST(:starts_after AS timestamptz))
                  AND (CAST(:starts_before AS timestamptz) IS NULL OR starts_at < CAST(:starts_before AS timestamptz))
                  AND (cardinality(CAST(:communities AS text[])) = 0 OR space_id IN (
                      SELECT p.id FROM spaces AS p JOIN sites AS s ON s.id = p.site_id
                      WHERE s.community = ANY(CAST(:communities AS text[]))))""",
            communities=list(communities),
            requested_by=requested_by,
            space_id=space_id,
            state=state,
            starts_after=starts_after,
            starts_before=starts_before,
            after=after,
            limit=limit,
        )


STORE = VenueStore
