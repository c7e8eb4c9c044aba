"""The images of deploy/offline keep the contract of the official ones, under docker-compose.yml's own settings."""

import contextlib
import json
import secrets
import subprocess
import time
from pathlib import Path

import docker
import pytest

pytestmark = pytest.mark.timeout(1200)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def composed(settings, invented):
    """What docker-compose.yml says about each service."""
    command = [
        "docker",
        "compose",
        "--file",
        ROOT / "docker-compose.yml",
        "--env-file",
        "/dev/null",
        "config",
        "--format",
        "json",
    ]
    return json.loads(subprocess.check_output(command, env=settings | invented))["services"]


@pytest.fixture
def volume(engine):
    """A named volume of the test's own."""
    made = engine.volumes.create(f"jinlin-test-{secrets.token_hex(4)}")
    yield made.name
    made.remove(force=True)


@pytest.fixture
def start(engine, composed, volume):
    """Start a container of an image with the health check and the hardening of docker-compose.yml; removed before the volume."""
    started = []

    def run(service, image, **options):
        check = composed[service]["healthcheck"]
        container = engine.containers.run(
            image,
            detach=True,
            user=composed[service]["user"],
            init=True,
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges:true"],
            network_mode="none",
            tmpfs=dict(each.split(":", 1) for each in composed[service]["tmpfs"]),
            healthcheck={
                "test": [each.replace("$$", "$") for each in check["test"]],
                "interval": 10**9,
                "timeout": 5 * 10**9,
                "retries": 60,
            },
            **options,
        )
        started.append(container)
        return container

    yield run
    for container in started:
        with contextlib.suppress(docker.errors.NotFound):
            container.remove(force=True, v=True)


def healthy(container, seconds=60):
    """Wait until the health check passes."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        container.reload()
        if container.attrs["State"].get("Health", {}).get("Status") == "healthy":
            return container
        assert container.status in ("created", "running"), container.logs(tail=30).decode()
        time.sleep(0.2)
    raise AssertionError(f"not healthy after {seconds} s: {container.logs(tail=30).decode()}")


def output(container, *command, user=None, **environment):
    """Run a command in the container and return what it prints."""
    code, printed = container.exec_run(list(command), user=user or "", environment=environment)
    assert code == 0, printed.decode()
    return printed.decode().strip()


def sql(container, statement, password, user="postgres", database="postgres"):
    """Run SQL over TCP, where the password is asked for."""
    return output(
        container, "psql", "--host=127.0.0.1", f"--username={user}", "--no-psqlrc", "--tuples-only", "--no-align", "--command", statement,
        database, PGPASSWORD=password,
    )  # fmt: skip


def test_postgres_makes_its_cluster_from_the_environment_and_keeps_it(settings, start, composed, volume):
    image, password = settings["POSTGRES_IMAGE"], secrets.token_hex(8)
    service = composed["postgres"]
    configuration = ROOT / "deploy/postgres/postgresql.conf"
    options = {
        "command": service["command"],
        "environment": {
            "POSTGRES_PASSWORD": password,
            "POSTGRES_DB": "library",
            "POSTGRES_INITDB_ARGS": service["environment"]["POSTGRES_INITDB_ARGS"],
        },
        "volumes": {
            volume: {"bind": "/var/lib/postgresql/data"},
            str(configuration): {"bind": "/etc/postgresql/postgresql.conf", "mode": "ro"},
        },
    }
    first = healthy(start("postgres", image, **options))

    ask = {"password": password, "database": "library"}
    sql(first, "CREATE TABLE kept (value text); INSERT INTO kept VALUES ('米10斤')", **ask)
    assert sql(first, "SHOW shared_buffers", **ask) == "128MB"
    assert (
        sql(first, "SELECT datlocprovider, datcollate, datctype FROM pg_database WHERE datname = 'library'", **ask)
        == "b|C.UTF-8|C.UTF-8"
    )
    sql(first, "CREATE EXTENSION pg_trgm", **ask)
    assert float(sql(first, "SELECT similarity('江头街道', '江头社区')", **ask)) > 0
    with pytest.raises(AssertionError, match="password authentication failed"):
        sql(first, "SELECT 1", **ask | {"password": "wrong"})
    assert output(first, "psql", "--tuples-only", "--command", "SHOW data_checksums") == "on"
    assert output(first, "id", "-u") == "999"

    first.stop()
    first.reload()
    assert first.attrs["State"]["ExitCode"] == 0
    first.remove()
    second = healthy(start("postgres", image, **options))

    assert sql(second, "SELECT value FROM kept", **ask) == "米10斤"
    assert "was not properly shut down" not in second.logs().decode()


def test_postgres_that_is_killed_while_it_makes_its_cluster_begins_again(settings, start, volume):
    options = {
        "environment": {"POSTGRES_PASSWORD": "secret"},
        "volumes": {volume: {"bind": "/var/lib/postgresql/data"}},
    }
    first = start("postgres", settings["POSTGRES_IMAGE"], **options)
    while "PG_VERSION" not in first.exec_run(["ls", "/var/lib/postgresql/data/new"])[1].decode():
        time.sleep(0.01)
    first.remove(force=True)

    second = healthy(start("postgres", settings["POSTGRES_IMAGE"], **options))

    assert sql(second, "SELECT 1", "secret") == "1"
    assert "new" not in output(second, "ls", "/var/lib/postgresql/data").splitlines()


def test_postgres_started_as_root_steps_down_and_reads_its_password_from_a_file(engine, settings, tmp_path):
    password, seed = tmp_path / "password", tmp_path / "seed.sql"
    password.write_text("from a file\n")
    seed.write_text("CREATE TABLE seeded (); ")
    container = engine.containers.run(
        settings["POSTGRES_IMAGE"],
        detach=True,
        network_mode="none",
        environment={"POSTGRES_PASSWORD_FILE": "/run/password", "POSTGRES_USER": "station"},
        volumes={
            str(password): {"bind": "/run/password", "mode": "ro"},
            str(seed): {"bind": "/docker-entrypoint-initdb.d/seed.sql", "mode": "ro"},
        },
        healthcheck={"test": ["CMD", "pg_isready", "--host=127.0.0.1"], "interval": 10**9, "retries": 60},
    )
    try:
        healthy(container)
        assert sql(container, "SELECT count(*) FROM seeded", "from a file", user="station", database="station") == "0"
        assert output(container, "stat", "--format=%U", "/proc/1", "/var/lib/postgresql/data").split() == [
            "postgres",
            "postgres",
        ]
    finally:
        container.remove(force=True, v=True)


def test_postgres_refuses_a_new_cluster_without_a_password(settings, start, volume):
    container = start("postgres", settings["POSTGRES_IMAGE"], volumes={volume: {"bind": "/var/lib/postgresql/data"}})

    assert container.wait(timeout=30)["StatusCode"] == 1
    assert "POSTGRES_PASSWORD" in container.logs().decode()


def test_rabbitmq_takes_user_and_password_from_the_environment_and_keeps_what_is_durable(settings, start, volume):
    image = settings["RABBITMQ_IMAGE"]
    configuration = ROOT / "deploy/rabbitmq/50-jinlin.conf"
    options = {
        "hostname": "rabbitmq",
        "environment": {"RABBITMQ_DEFAULT_USER": "station", "RABBITMQ_DEFAULT_PASS": "first password"},
        "volumes": {
            volume: {"bind": "/var/lib/rabbitmq"},
            str(configuration): {"bind": "/etc/rabbitmq/conf.d/50-jinlin.conf", "mode": "ro"},
        },
    }
    first = healthy(start("rabbitmq", image, **options))

    assert "Success" in output(first, "rabbitmqctl", "authenticate_user", "station", "first password")
    assert "guest" not in output(first, "rabbitmqctl", "--quiet", "list_users")
    assert "0.4194 gb" in output(first, "rabbitmq-diagnostics", "status")
    assert output(first, "id", "-u") == "999"
    output(first, "rabbitmqctl", "add_vhost", "kept")

    first.stop(timeout=30)
    first.reload()
    assert first.attrs["State"]["ExitCode"] in (0, 143)
    first.remove()
    second = healthy(start("rabbitmq", image, **options))

    assert "kept" in output(second, "rabbitmqctl", "--quiet", "list_vhosts").splitlines()
    assert "Success" in output(second, "rabbitmqctl", "authenticate_user", "station", "first password")


def test_two_brokers_do_not_share_a_cookie(settings, start):
    image = settings["RABBITMQ_IMAGE"]
    cookies = {output(healthy(start("rabbitmq", image)), "cat", "/var/lib/rabbitmq/.erlang.cookie") for _ in range(2)}

    assert len(cookies) == 2


def test_python_has_the_official_names_and_what_the_platform_needs_around_it(engine, settings):
    script = "import sys, zoneinfo, ssl, venv; zoneinfo.ZoneInfo('Asia/Shanghai'); print(sys.version_info[:2])"
    printed = engine.containers.run(
        settings["PYTHON_IMAGE"], ["sh", "-c", f'python -c "{script}" && pip --version && python3 -m venv /tmp/v && ls /etc/ssl/certs | wc -l'],
        remove=True, network_mode="none",
    )  # fmt: skip

    assert printed.decode().startswith("(3, 13)")
