"""What the running system knows about itself: counters, pauses, heartbeats."""

from django.db import models


class RateBucket(models.Model):
    """How much of a limit is used in one window. Taken by one atomic upsert, so parallel takers all count."""

    key = models.CharField(max_length=100)
    window = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="rate_bucket_once")]

    def __str__(self) -> str:
        return f"{self.key} {self.used}"


class ChannelState(models.Model):
    """A channel that stands still: credentials refused, or the day's spend reached. Visible, and reset by a person."""

    channel = models.CharField(max_length=10, primary_key=True)
    paused_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20, blank=True)
    since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.channel} {self.reason or 'open'}"


class Heartbeat(models.Model):
    """The last sign of life of a part that nobody watches."""

    component = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.component} {self.at:%F %T}"


class Healing(models.Model):
    """What the last nightly run of a planner put right: how many things it looked at, and how many messages by kind."""

    component = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
    looked_at = models.PositiveIntegerField()
    kinds = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.component} {self.at:%F %T}: {sum(self.kinds.values())}"
