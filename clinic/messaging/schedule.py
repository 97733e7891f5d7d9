"""What Celery beat fires for messages. Plain data: settings import it before Django is set up."""

BEAT: dict[str, dict] = {}
