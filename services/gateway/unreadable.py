"""What gunicorn refuses before the application sees it, answered like everything else."""

from http import HTTPStatus

from gunicorn import util
from gunicorn.http import errors

from services.gateway.errors import PROBLEM, SLUGS, document
from services.gateway.sentences import sentence

STATUS = {
    errors.LimitRequestLine: 414,
    errors.LimitRequestHeaders: 431,
    errors.InvalidRequestLine: 400,
    errors.InvalidRequestMethod: 400,
    errors.InvalidHTTPVersion: 400,
    errors.InvalidHeaderName: 400,
    errors.InvalidHeader: 400,
    errors.ObsoleteFolding: 400,
    errors.InvalidChunkSize: 400,
    errors.ChunkMissingTerminator: 400,
}


def refuse(connection, error: Exception) -> bool:
    """Answer a request that cannot be read; return False for what else went wrong."""
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), None)
    if status is None:
        return False
    body = document(status, SLUGS[status], sentence(SLUGS[status]))
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nConnection: close\r\n"
        f"Content-Type: {PROBLEM}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(connection, head.encode() + body)
    return True
