"""docker-compose.yml on a real engine: both stories, the hardening, and what comes back after a kill."""

import base64
import contextlib
import json
import re
import secrets
import socket

import docker
import pytest

from tests.deploy.station import ALL, OURS, ROOT, Station, eventually

pytestmark = pytest.mark.timeout(1200)


@pytest.fixture(scope="module")
def station(engine, settings, invented, tmp_path_factory):
    """The whole station, up and healthy; taken down with its volumes whatever happens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    image = f"jinlin-test:{secrets.token_hex(4)}"
    chosen = {
        "JINLIN_PORT": str(port),
        "JINLIN_IMAGE": image,
        "JINLIN_DEMO": "1",
        "JINLIN_DEMO_PASSWORD": secrets.token_hex(8),
    }
    env_file = tmp_path_factory.mktemp("station") / "env"
    env_file.write_text("".join(f"{name}={value}\n" for name, value in (invented | chosen).items()))
    station = Station(engine, settings | invented | chosen, env_file, port)
    try:
        station.compose("build")
        station.up()
        yield station
    except AssertionError:
        print(station.compose("logs", "--no-color", "--tail", "40"))
        raise
    finally:
        station.compose("down", "--volumes", "--remove-orphans")
        with contextlib.suppress(docker.errors.ImageNotFound):
            engine.images.remove(image, force=True)


def test_a_need_is_matched_and_whoever_registered_it_is_told(station):
    worker = station.sign_in("social_worker")
    offer = worker.offer()

    need = worker.need(offer)

    match = eventually(
        lambda: [
            each for each in worker.get("/api/matches", need_id=need["id"])["items"] if each["offer_id"] == offer["id"]
        ]
    )[0]
    assert match["state"] == "proposed"
    eventually(lambda: [each for each in worker.messages("need.matched.v1") if each["about"] == need["id"]])
    assert worker.post(f"/api/matches/{match['id']}/confirm", quantity=1)["state"] == "confirmed"
    eventually(lambda: [each for each in worker.messages("match.confirmed.v1") if match["id"] in each["about"]])


def test_a_grant_is_approved_and_the_applicant_is_told(station):
    office, partner = station.sign_in("office"), station.sign_in("partner")
    fund = office.post("/api/funds", name="社区基金", amount="10000.00")
    application = partner.post(
        "/api/applications", fund_id=fund["id"], title="楼道微花园", purpose="种花", requested="3000.00"
    )
    partner.post(f"/api/applications/{application['id']}/submit")

    office.post(f"/api/applications/{application['id']}/approve", amount="2500.00", reason="预算合理")

    (message,) = eventually(
        lambda: [each for each in partner.messages("grant.approved.v1") if each["about"] == application["id"]]
    )
    assert "2500" in message["body"].replace(",", "")


@pytest.mark.parametrize("victim", ["rabbitmq", "postgres", "resource", "matching", "notify", "gateway"])
def test_a_kill_in_the_middle_of_posted_needs_loses_none_and_doubles_none(station, victim):
    worker = station.sign_in("social_worker")
    offer = worker.offer(title=f"大米 {victim}")
    count, needs = 30, []
    died = station.container(victim).attrs["RestartCount"]

    for number in range(count):
        if number == count // 3:
            station.kill(victim)
        needs.append(worker.need(offer, title=f"需要大米 {victim} {number}"))

    eventually(lambda: station.container(victim).attrs["RestartCount"] == died + 1)
    eventually(station.healthy, seconds=120)
    eventually(station.settled, seconds=90)
    ids = {need["id"] for need in needs}
    titles = [need["title"] for need in worker.all("/api/needs") if f" {victim} " in need["title"]]
    assert sorted(titles) == sorted(f"需要大米 {victim} {number}" for number in range(count))
    matches = [each["need_id"] for each in worker.all("/api/matches", offer_id=offer["id"]) if each["need_id"] in ids]
    assert sorted(matches) == sorted(ids)
    told = [each["about"] for each in worker.messages("need.matched.v1") if each["about"] in ids]
    assert sorted(told) == sorted(ids)


def test_only_the_gateway_is_published_and_only_on_this_machine(station):
    published = {name: station.container(name).ports for name in ALL}

    assert {name for name, ports in published.items() if any(ports.values())} == {"gateway"}
    assert [each["HostIp"] for each in published["gateway"]["8080/tcp"]] == ["127.0.0.1"]
    assert station.engine.networks.get(f"{station.project}_inside").attrs["Internal"] is True
    outside = {
        name
        for name in ALL
        if f"{station.project}_edge" in station.container(name).attrs["NetworkSettings"]["Networks"]
    }
    assert outside == {"gateway", "notify"}


@pytest.mark.parametrize("service", ALL)
def test_a_container_can_do_no_more_than_it_must(station, service):
    host = station.container(service).attrs["HostConfig"]
    assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and "no-new-privileges:true" in host["SecurityOpt"]
    assert host["Memory"] and host["PidsLimit"] and host["NanoCpus"]
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert host["LogConfig"]["Config"]["max-size"]

    assert station.run(service, "id", "-u") != "0"
    status = dict(line.split(":", 1) for line in station.run(service, "cat", "/proc/1/status").splitlines())
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert "Read-only file system" in station.run(service, "sh", "-c", "touch /etc/probe 2>&1 || true")


def test_a_container_knows_its_own_secrets_only(station, invented):
    def known(service):
        environment = "\n".join(station.container(service).attrs["Config"]["Env"])
        return {name for name, value in invented.items() if value in environment}

    keys = {
        "resource": {"JINLIN_DATA_KEYS", "JINLIN_INDEX_KEY"},
        "matching": {"JINLIN_DATA_KEYS"},
        "notify": {"JINLIN_DATA_KEYS"},
        "gateway": {"JINLIN_DATA_KEYS", "JINLIN_SECRET_KEY"},
    }
    for name in OURS:
        own = {"JINLIN_BROKER_PASSWORD", f"JINLIN_{name.upper()}_DATABASE_PASSWORD"} | keys.get(name, set())
        # The index key here is the data key's bytes without its name.
        assert known(name) | {"JINLIN_INDEX_KEY"} == own | {"JINLIN_INDEX_KEY"}, name
    assert known("postgres") == {"JINLIN_POSTGRES_PASSWORD"}
    assert known("rabbitmq") == {"JINLIN_BROKER_PASSWORD"}


def test_no_secret_is_in_the_image_or_the_compose_file(station, settings, invented):
    image = station.engine.images.get(station.environment["JINLIN_IMAGE"])
    written = json.dumps([image.attrs, image.history()]) + (ROOT / "docker-compose.yml").read_text()

    assert not [name for name, value in invented.items() if value in written]
    assert "SITE_" not in json.dumps(image.attrs["Config"])
    for line in re.findall(
        r"^\s+\w*(?:PASS|KEY|URL)\w*: (.*)$", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE
    ):
        assert "${" in line, line
    unwanted = " -o ".join(f"-name {name}" for name in (".env*", ".git", "pip.conf", "cc", "gcc"))
    assert not station.run("gateway", "sh", "-fc", f"find / -xdev -type f \\( {unwanted} \\) 2>/dev/null; true")
    assert "contracts" in station.run("gateway", "ls", "/app")


def test_stopping_is_graceful_and_nothing_is_forgotten(station):
    worker = station.sign_in("social_worker")
    worker.need(worker.offer())
    before = {each["id"] for each in worker.all("/api/needs")}

    station.compose("stop", *OURS)
    assert {name: station.container(name).attrs["State"]["ExitCode"] for name in OURS} == dict.fromkeys(OURS, 0)
    station.compose("down")
    station.up()

    assert {each["id"] for each in worker.all("/api/needs")} == before
    assert eventually(station.settled)


@pytest.mark.parametrize("away", ["rabbitmq", "postgres"])
def test_a_process_stops_by_itself_even_while_it_cannot_work(station, away):
    station.compose("stop", away)

    station.compose("stop", *OURS)

    assert {name: station.container(name).attrs["State"]["ExitCode"] for name in OURS} == dict.fromkeys(OURS, 0)
    station.up()


def test_secrets_are_changed_as_the_runbook_says(station):
    worker = station.sign_in("social_worker")
    need = worker.need(worker.offer(), contact_name="林阿婆", contact_phone="13900000000")
    old_keys, new_key = (
        station.environment["JINLIN_DATA_KEYS"],
        f"second:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    )
    names = (
        "JINLIN_BROKER_PASSWORD",
        "JINLIN_POSTGRES_PASSWORD",
        "JINLIN_RESOURCE_DATABASE_PASSWORD",
        "JINLIN_SECRET_KEY",
    )
    new = {name: secrets.token_hex(16) for name in names}

    station.run("rabbitmq", "rabbitmqctl", "change_password", "jinlin", new["JINLIN_BROKER_PASSWORD"])
    station.run(
        "postgres",
        "psql",
        "--username=postgres",
        "--command",
        f"ALTER ROLE postgres PASSWORD '{new['JINLIN_POSTGRES_PASSWORD']}'",
    )
    station.change(**new, JINLIN_DATA_KEYS=f"{new_key},{old_keys}")
    station.up()
    for name in ("resource", "notify"):
        assert "sealed anew with key second" in station.run(name, "python", "-m", "chassis", "rotate", name)
    station.change(JINLIN_DATA_KEYS=new_key)
    station.up()

    revealed = worker.post(f"/api/needs/{need['id']}/reveals", purpose="contact_for_service")
    assert revealed["contact_name"] == "林阿婆"
    assert eventually(station.settled)


def test_a_dump_restores_into_an_empty_station(station):
    worker = station.sign_in("social_worker")
    worker.need(worker.offer())
    before = {each["id"] for each in worker.all("/api/needs")}
    dump = station.compose("exec", "--no-TTY", "postgres", "pg_dumpall", "--username=postgres")

    station.compose("down", "--volumes")
    station.compose("up", "--detach", "--wait", "postgres")
    station.compose("exec", "--no-TTY", "postgres", "psql", "--quiet", "--username=postgres", given=dump)
    station.up()

    assert {each["id"] for each in worker.all("/api/needs")} == before
    offer = worker.offer(title="恢复以后")
    need = worker.need(offer)
    eventually(lambda: [each for each in worker.messages("need.matched.v1") if each["about"] == need["id"]])
