"""Who may watch which event, as a pure function."""

SEE_ALL = {"operator", "office", "social_worker"}
# Fields of events that name the people whose matter it is.
CONCERNS = ("registered_by", "need_registered_by", "offer_registered_by", "requested_by", "applicant", "claimer", "worker")


def may_see(id: str, roles, communities, event: dict) -> bool:
    """Tell whether a user may watch an event.

    A message is for its recipient alone. Who is limited to communities sees what happens in those;
    a partner sees what became of their own, and of pairings in which they help; everybody sees what they registered.
    """
    data = event["data"]
    if "recipient" in data:
        return data["recipient"] == id
    if any(data.get(name) == id for name in CONCERNS):
        return True
    if any(id in (helper["helper"], helper.get("account")) for helper in data.get("helpers", ())):
        return True
    if communities:
        return data.get("community") in communities and "partner" not in roles
    return bool(SEE_ALL & set(roles))
