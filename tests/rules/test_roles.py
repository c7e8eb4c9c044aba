"""Who may make which call is documented as the services decide it."""

import subprocess
import sys

from services.gateway.app import create_app
from tests.station import ROOT


def test_the_documented_roles_are_those_of_the_services():
    done = subprocess.run(
        [sys.executable, "-m", "chassis", "roles"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert (ROOT / "services/gateway/roles.json").read_text() == done.stdout, "python -m chassis roles > services/gateway/roles.json"


def test_the_document_says_who_may_make_a_call():
    app = create_app(identity_of=None, calls=None, feed=None, secret_key="s" * 32)
    paths = app.test_client().get("/api/openapi.json").json["paths"]

    confirm = paths["/api/matches/{id}/confirm"]["post"]
    assert confirm["x-roles"] == ["community_staff", "office", "social_worker"]
    assert confirm["description"] == "可用：社区工作人员、街道办、社工。"
    assert paths["/api/messages"]["get"]["description"] == "可用：登录的人。"
