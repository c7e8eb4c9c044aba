"""What matching hears of categories and communities."""

from chassis.listen import listen
from contracts.resource import CategoryChanged, CommunityChanged


class Terms:
    """Categories and communities, as the resource service describes them."""

    @listen(CategoryChanged)
    def on_category_changed(self, event, store):
        if store.save_category(event):
            store.change_stamp()

    @listen(CommunityChanged)
    def on_community_changed(self, event, store):
        if store.save_community(event):
            store.change_stamp()
