"""The regular duty about providers' records."""

from chassis.every import every


class Records:
    """What each provider gave lately."""

    @every(3600)
    def forget_old_giving(self, store, now):
        """Count as lately given only what was confirmed within thirty days."""
        return store.forget_old_days(now, 500)
