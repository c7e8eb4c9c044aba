"""Where the broker is, and which of its nodes answers."""

import pytest

from chassis import broker as topology
from chassis.broker import Address
from deploy.server import free_ports


@pytest.mark.parametrize(
    "url, address",
    [
        ("amqp://u:s%40crt@h:1/v", Address("u", "s@crt", ("h:1",), "v")),
        ("amqp://u:secret@h/%2F", Address("u", "secret", ("h",), "/")),
        ("amqp://u:secret@a:1,b:2,[::1]:3/v", Address("u", "secret", ("a:1", "b:2", "[::1]:3"), "v")),
    ],
)
def test_an_address_names_one_broker_or_the_nodes_of_a_cluster(url, address):
    found = Address.read(url)

    assert (found, found.cluster) == (address, "," in url)
    assert address.password not in f"{found} {found!r}"


@pytest.mark.parametrize("url", ["http://u:p@h/v", "amqp://u:p@h:x/v", "amqp://u:p@a,,b/v", "amqp://", "h:1,h:2"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ValueError):
        Address.read(url)


def test_another_node_is_taken_where_one_does_not_answer(broker):
    (nowhere,) = free_ports(1)
    url = broker.url.replace("@", f"@127.0.0.1:{nowhere},")

    for _ in range(8):
        topology.connect(url).close()

    with pytest.raises(OSError):
        topology.connect(f"amqp://u:p@127.0.0.1:{nowhere}/v")
