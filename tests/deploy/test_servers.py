"""The private broker and database that everything local runs on, for real."""

import os
import signal
import socket
import time
from pathlib import Path

import amqp
import psycopg2
import pytest

from deploy import processes
from deploy.server import ServerError
from deploy.servers import Broker, Postgres, start_all


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    directory = tmp_path_factory.mktemp("servers")
    broker, postgres = Broker(directory / "broker"), Postgres(directory / "postgres", durable=False)
    start_all(broker, postgres)
    yield broker, postgres
    broker.stop()
    postgres.stop()


@pytest.fixture
def broker(servers):
    return servers[0].start()


@pytest.fixture
def postgres(servers):
    return servers[1].start()


def query(postgres, sql, password=None):
    connection = psycopg2.connect(
        host="127.0.0.1", port=postgres.port, user="postgres", password=password or postgres.password, dbname="postgres"
    )
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


def channel(broker):
    connection = amqp.Connection(
        host=f"127.0.0.1:{broker.port}", userid="jinlin", password=broker.password, virtual_host="jinlin"
    )
    connection.connect()
    return connection.channel()


def listening(pid):
    """Return the addresses, as in /proc/net/tcp, that a process listens on."""
    inodes = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.add(os.readlink(handle).removeprefix("socket:[").removesuffix("]"))
        except OSError:
            continue
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path("/proc/net", table).read_text().splitlines()[1:]]
    return [row[1] for row in rows if row[3] == "0A" and row[9] in inodes]


def test_both_answer_and_listen_on_the_loopback_only(broker, postgres):
    assert query(postgres, "SELECT 1") == (1,)
    assert channel(broker).is_open
    for server in (broker, postgres):
        addresses = listening(server.pid)
        assert addresses
        assert all(address.startswith("0100007F:") for address in addresses)


def test_the_database_speaks_utf8_and_wants_its_password(postgres):
    assert query(
        postgres, "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'postgres'"
    ) == (
        "C.UTF-8",
        "UTF8",
    )
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        query(postgres, "SELECT 1", password="wrong")


def test_the_database_does_not_run_as_root(postgres):
    assert Path(f"/proc/{postgres.pid}").stat().st_uid != 0


def test_the_broker_knows_quorum_queues_and_streams(broker):
    for kind in ("quorum", "stream"):
        channel(broker).queue_declare(kind, durable=True, auto_delete=False, arguments={"x-queue-type": kind})


def test_a_killed_database_comes_back_on_its_port_with_its_data(postgres):
    query(postgres, "DROP TABLE IF EXISTS kept")
    query(postgres, "CREATE TABLE kept AS SELECT 7 AS number")
    url, pid = postgres.admin_url, postgres.pid

    postgres.kill()

    assert not processes.alive(pid)
    assert not postgres.ready()
    postgres.start()
    assert postgres.admin_url == url
    assert query(postgres, "SELECT number FROM kept") == (7,)


def test_a_killed_broker_comes_back_on_its_port_with_its_messages(broker):
    channel(broker).queue_declare("kept", durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
    # A queue that is younger than a second or two when the broker is killed never finds a leader again (RabbitMQ 3.10).
    broker.pause()
    broker.resume()
    one = channel(broker)
    one.confirm_select()
    one.basic_publish_confirm(amqp.Message("still here", delivery_mode=2), routing_key="kept", timeout=10)
    url, pid = broker.url, broker.pid

    broker.kill()

    assert not processes.alive(pid)
    broker.start()
    assert broker.url == url
    assert channel(broker).basic_get("kept").body == "still here"


def test_a_broker_below_chinese_letters_takes_messages_when_a_queue_needs_its_second_file(tmp_path):
    message = amqp.Message(b"x", delivery_mode=2)
    with Broker(tmp_path / "近邻" / "broker") as broker:
        channel(broker).queue_declare("many", durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
        # Or the queue is too young to be killed, see above.
        broker.pause()
        broker.resume()
        publisher = channel(broker)
        publisher.confirm_select()
        for _ in range(4999):  # a file has room for 4096
            publisher.basic_publish(message, routing_key="many")
        publisher.basic_publish_confirm(message, routing_key="many")
        os.kill(broker.pid, signal.SIGKILL)  # what it had in memory and in its log goes into files when it comes back
        broker.start()

        publisher = channel(broker)
        publisher.confirm_select()
        for _ in range(20):
            publisher.basic_publish_confirm(message, routing_key="many")
            time.sleep(0.05)

        assert "ra_log_segment_writer" not in broker.log.read_text()


def test_a_paused_broker_refuses_and_a_resumed_one_accepts(broker):
    broker.pause()
    with pytest.raises(OSError):
        channel(broker)
    assert broker.pid

    broker.resume()
    assert channel(broker).is_open


def test_another_object_for_the_directory_finds_the_running_server(postgres):
    again = Postgres(postgres.directory).start()

    assert (again.pid, again.admin_url) == (postgres.pid, postgres.admin_url)


def test_a_port_that_was_taken_meanwhile_is_exchanged(tmp_path):
    postgres = Postgres(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", postgres.port))
        other.listen()
        taken = postgres.port
        postgres.choose_ports()
        assert postgres.port != taken
    kept = postgres.port
    postgres.choose_ports()
    assert postgres.port == kept


@pytest.mark.parametrize("lock", ["", f"{os.getpid()}\n/data\n1\n1\n\n127.0.0.1\n\nready\n"], ids=["empty", "reused"])
def test_a_start_survives_what_a_power_failure_left(tmp_path, lock):
    with Postgres(tmp_path, durable=False) as postgres:
        query(postgres, "SELECT 1")
    (tmp_path / "data" / "postmaster.pid").write_text(lock)

    with postgres:
        assert query(postgres, "SELECT 1") == (1,)


def test_an_unfinished_cluster_is_made_again(tmp_path):
    (tmp_path / "data.new").mkdir()
    (tmp_path / "data.new" / "PG_VERSION").write_text("15")

    with Postgres(tmp_path, durable=False) as postgres:
        assert query(postgres, "SELECT 1") == (1,)


def test_a_server_that_cannot_start_shows_the_end_of_its_log(tmp_path):
    postgres = Postgres(tmp_path, durable=False)
    postgres.prepare()
    (tmp_path / "data" / "global" / "pg_control").unlink()

    with pytest.raises(ServerError, match=r"(?s)stopped while it started.*pg_control"):
        postgres.start()
    assert postgres.pid is None


@pytest.mark.parametrize(
    "kind, file, version",
    [(Broker, "version", "2.8.7"), (Postgres, "data/PG_VERSION", "9")],
    ids=["broker", "postgres"],
)
def test_data_of_another_major_version_is_left_alone(tmp_path, kind, file, version):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(version)

    with pytest.raises(ServerError, match=f"written by .* {version}.*run reset"):
        kind(tmp_path).start()
