"""Commands and queries about assessments."""

from chassis.rpc import command, query
from contracts.calls.resource import assessments as calls
from contracts.fields import Paging
from services.resource import access
from services.resource.clients import assessment
from services.resource.clients.domain import Client, must_be_active
from services.resource.ids import new_id
from services.resource.private import domain as private_data


class Assessments:
    """How clients live, as a social worker found it."""

    @query(returns=calls.FormView, roles=access.STAFF)
    def get_assessment_form(self, store):
        return assessment.form()

    @command(takes=calls.NewAssessment, returns=calls.AssessmentView, roles=("social_worker",))
    def assess_client(self, store, id, form, answers, notes):
        """Keep how somebody lives now; what was found before stays."""
        client = access.mine(store, Client, id)
        must_be_active(client)
        points = assessment.score(assessment.form(), form, answers)
        made = new_id()
        sealed = private_data.seal(self.keyring, f"assessment/{made}", {"notes": notes})
        store.add_assessment(
            client.id, id=made, form=form, answers=answers, assessed_by=store.caller.id, **points, **sealed
        )
        return assessment.shown(assessment.form(), store.assessment(made))

    @query(takes=Paging, returns=calls.AssessmentPage, roles=access.STAFF)
    def list_assessments(self, store, id, **paging):
        """List the assessments of a client, the newest first, without the notes."""
        access.seen(store, Client, id)
        found = store.assessments_of(id, **paging)
        return {**found, "items": [assessment.shown(assessment.form(), row) for row in found["items"]]}
