"""What every template may use about the clinic itself."""

from django.conf import settings
from django.http import HttpRequest


def clinic(request: HttpRequest) -> dict:
    return {
        "clinic": {
            "name": settings.CLINIC_NAME,
            "phone": settings.CLINIC_PHONE,
            "whatsapp": settings.CLINIC_WHATSAPP,
            "email": settings.CLINIC_EMAIL,
            "emergency": settings.EMERGENCY_NUMBER,
        },
        "demo": settings.DEMO,
        "theme": request.COOKIES.get("theme", "") if request.COOKIES.get("theme") in ("light", "dark") else "",
    }
