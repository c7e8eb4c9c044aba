"""A station under docker-compose, as its tests see it: the containers from outside, the people over HTTP."""

import secrets
import subprocess
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("resource", "venue", "matching", "grants", "notify")
OURS = (*SERVICES, "gateway")
ALL = ("postgres", "rabbitmq", *OURS)


def eventually(check, seconds=60, every=0.3):
    """Return the first true answer of check; its last answer or error when the time runs out fails the test."""
    deadline, last = time.monotonic() + seconds, None
    while time.monotonic() < deadline:
        try:
            if last := check():
                return last
        except (AssertionError, httpx.TransportError, httpx.HTTPStatusError) as error:
            last = error
        time.sleep(every)
    raise AssertionError(f"not within {seconds} s: {last!r}")


class Station:
    """One run of the compose file under a project name of its own."""

    def __init__(self, engine, environment, env_file, port):
        self.engine, self.environment, self.env_file = engine, environment, env_file
        self.project = f"jinlin-test-{secrets.token_hex(4)}"
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=15)

    def compose(self, *arguments, given=None, seconds=600):
        """Run a docker compose command and return what it prints."""
        place = f"--file {ROOT}/docker-compose.yml --project-name {self.project} --env-file {self.env_file}"
        done = subprocess.run(
            ["docker", "compose", *place.split(), *arguments],
            check=False, env=self.environment, input=given, text=True, capture_output=True, timeout=seconds,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def change(self, **secrets):
        """Put other values into the station's .env."""
        self.environment |= secrets
        names = [line.split("=")[0] for line in self.env_file.read_text().splitlines()]
        self.env_file.write_text("".join(f"{name}={self.environment[name]}\n" for name in names))

    def up(self):
        """Start everything and return when all of it is healthy."""
        self.compose("up", "--detach", "--wait", "--wait-timeout", "240")

    def container(self, service):
        """The service's container, as the engine sees it now."""
        labels = [f"com.docker.compose.project={self.project}", f"com.docker.compose.service={service}"]
        (found,) = self.engine.containers.list(all=True, filters={"label": labels})
        return found

    def run(self, service, *command, user=""):
        """Run a command in the service's container and return what it prints."""
        code, printed = self.container(service).exec_run(list(command), user=user)
        assert code == 0, printed.decode()
        return printed.decode().strip()

    def sql(self, service, statement):
        """Ask a service's database, as its superuser."""
        container = self.container("postgres")
        command = ["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--username=postgres", "--host=127.0.0.1"]
        password = {"PGPASSWORD": self.environment["JINLIN_POSTGRES_PASSWORD"]}
        code, printed = container.exec_run(
            [*command, "--command", statement, f"jinlin_{service}"], environment=password
        )
        assert code == 0, printed.decode()
        return printed.decode().strip()

    def kill(self, service):
        """Kill the service's process with -9, from within: the engine restarts only what dies by itself."""
        # The command dies with the container, now and then before it can say that it succeeded.
        self.container(service).exec_run(["sh", "-c", "kill -9 $(cat /proc/1/task/1/children)"])

    def healthy(self, *services):
        """Tell whether these containers pass their health checks."""
        states = {name: self.container(name).attrs["State"].get("Health", {}).get("Status") for name in services or ALL}
        assert set(states.values()) == {"healthy"}, states
        return True

    def ask(self, method, path, token=None, **options):
        """Send a request until it is answered; a kill in between is met by asking again under the same key."""
        headers = {"Idempotency-Key": secrets.token_hex(8)} if method == "POST" else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"

        def attempt():
            answer = self.http.request(method, path, headers=headers, **options)
            if answer.status_code >= 500:
                answer.raise_for_status()
            return answer

        answer = eventually(attempt, seconds=120)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def sign_in(self, username):
        """Sign in as one of the demonstration station's users."""
        return Person(
            self,
            self.ask(
                "POST",
                "/api/sessions",
                json={"username": username, "password": self.environment["JINLIN_DEMO_PASSWORD"]},
            ),
        )

    def settled(self):
        """Tell whether no event is on its way, and none was set aside."""
        waiting = {
            name: self.sql(name, "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM set_aside)")
            for name in SERVICES
        }
        assert set(waiting.values()) == {"0"}, waiting
        queues = self.run("rabbitmq", "rabbitmqctl", "--quiet", "--no-table-headers", "list_queues", "name", "messages")
        lengths = dict(line.split("\t") for line in queues.splitlines())
        assert set(SERVICES) & set(lengths)
        assert all(length == "0" for name, length in lengths.items() if "history" not in name), lengths
        return True


class Person:
    """Somebody who is signed in."""

    def __init__(self, station, session):
        self.station, self.token, self.id = station, session["token"], session["user"]["id"]

    def get(self, path, **parameters):
        return self.station.ask("GET", path, self.token, params=parameters)

    def post(self, path, **body):
        return self.station.ask("POST", path, self.token, json=body)

    def all(self, path, **parameters):
        """Return every item of a list, over all its pages."""
        items, cursor = [], {}
        while True:
            page = self.get(path, limit=100, **parameters, **cursor)
            items += page["items"]
            if not page["next"]:
                return items
            cursor = {"after": page["next"]}

    def offer(self, **changes):
        """Publish an offer, with a provider of its own."""
        community = self.get("/api/communities")["items"][0]["code"]
        provider = self.post("/api/providers", kind="merchant", name="益民便利店", community=community)
        offer = {"title": "大米", "community": community, "category": self.category(), "quantity": 500, "unit": "份"}
        return self.post("/api/offers", provider_id=provider["id"], **offer | changes)

    def need(self, offer, title="独居老人需要大米", **more):
        """Register a need that the offer suits."""
        wanted = {name: offer[name] for name in ("community", "category", "unit")}
        return self.post("/api/needs", title=title, quantity=1, **wanted, **more)

    def category(self):
        """A category of the second level."""
        return next(each["code"] for each in self.all("/api/categories") if each["parent"])

    def messages(self, kind):
        """The messages about events of one type, in this person's inbox."""
        return [each for each in self.all("/api/messages") if each["kind"] == kind]
