"""Email through Django. SMTP cannot be asked afterwards whether it has a message, so what is in doubt goes to a
person.
"""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage

from clinic.messaging.channels.types import Envelope, Found, Outcome, Result


def post(envelope: Envelope) -> Outcome:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    message_id = f"<{envelope.attempt_id}@{domain}>"
    mail = EmailMessage(
        subject=envelope.subject, body=envelope.body, to=[envelope.to],
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    try:
        mail.send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as problem:
        return _refused(problem)
    except (ConnectionRefusedError, smtplib.SMTPConnectError):
        return Outcome(result=Result.RETRY, error_code="connect")
    except (OSError, smtplib.SMTPException):
        return Outcome(result=Result.UNKNOWN, error_code="unread")
    return Outcome(result=Result.ACCEPTED, provider_id=message_id, provider_status="sent")


def _refused(problem: smtplib.SMTPException) -> Outcome:
    """4xx: later again. 5xx: never. Wrong credentials are ours, not the person's."""
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return Outcome(result=Result.PAUSED, error_code=str(problem.smtp_code))
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in problem.recipients.values()]
    else:
        codes = [problem.smtp_code]
    later = all(400 <= code < 500 for code in codes)
    return Outcome(result=Result.RETRY if later else Result.FAILED, error_code=str(codes[0]))


def find(channel: str, to: str) -> list[Found] | None:
    return None


def fetch(provider_id: str) -> Found | None:
    return None
