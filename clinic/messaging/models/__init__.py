from clinic.messaging.models.assignment import Assignment
from clinic.messaging.models.consent import Consent, Suppression
from clinic.messaging.models.inbound import Attached, InboundEvent, Reply, Urgency, WhatsAppWindow
from clinic.messaging.models.outbox import Attempt, Channel, Message
from clinic.messaging.models.own import Standing, Template, TextEdition, TimingEdition
from clinic.messaging.models.phone import DemoPhone, DemoText
from clinic.messaging.models.running import ChannelState, Healing, Heartbeat, RateBucket

__all__ = [
    "Assignment", "Attached", "Attempt", "Channel", "ChannelState", "Consent", "DemoPhone", "DemoText", "Healing", "Heartbeat",
    "InboundEvent", "Message", "RateBucket", "Reply", "Standing", "Suppression", "Template", "TextEdition",
    "TimingEdition", "Urgency", "WhatsAppWindow",
]  # fmt: skip
