"""Where on the body, with whom and where."""

from itertools import groupby
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings import video
from bookings.models import Location
from bookings.wish_form import GENDERS
from clinic.people.access import requires
from clinic.ui.shown import Shown
from consultations.answers_cookie import answers_cookie
from consultations.forms.booking import ANYONE, VIDEO, WAYS, ChoicesForm
from consultations.views.trip import bookable, practitioners_for, wished_treatment
from treatments.models import Offer
from treatments.money import money
from treatments.selectors import CONSULTATION, FURTHER_AREA_MINUTES, consultation_offer
from treatments.views import group_name


@requires("catalogue.read")
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest, slug: str) -> HttpResponse:
    """A POST only checks the choices and leads on: they travel in the address."""
    modality = bookable(slug)
    offers = list(modality.offers.all())
    who = list(practitioners_for(modality))
    places = [(one.slug, one.name) for one in Location.objects.filter(active=True)]
    lists = {
        "offers": offers,
        "hints": {offer.area.slug: _hint(offer) for offer in offers},
        "practitioners": [(one.resource.slug, str(one)) for one in who],
        "genders": frozenset(one.gender for one in who if one.gender),
        "talk": _talk(slug),
        "locations": places,
        "video": slug == CONSULTATION and video.is_offered(),
        "wish": wished_treatment(request, slug) if answers_cookie.read(request) else "",
    }
    if request.method == "POST":
        form = ChoicesForm(request.POST, **lists)
        if form.is_valid():
            query = urlencode(form.query, safe=",")
            return redirect(f"{reverse('book:suitability', args=[slug])}?{query}")
    else:
        form = ChoicesForm(initial=_initial(request, places), **lists)
    context = {
        "modality": modality,
        "form": form,
        "areas": Shown(form["areas"]),
        "groups": _groups(form, offers),
        "is_consultation": slug == CONSULTATION,
        "further": FURTHER_AREA_MINUTES,
    }
    return render(request, "book/choices.html", context, status=422 if form.errors else 200)


def _initial(request: HttpRequest, places: list) -> dict:
    areas = [part for value in request.GET.getlist("areas") for part in value.split(",") if part]
    place = request.GET.get("location") or (places[0][0] if places else "")
    wished = {gender: name for name, gender in GENDERS.items()}.get(request.GET.get("gender", ""), ANYONE)
    return {
        "areas": areas,
        "practitioner": request.GET.get("practitioner") or wished,
        "consult": request.GET.get("consult") == "1",
        "location": place,
        "way": VIDEO if request.GET.get("video") == "1" else WAYS[0][0],
    }


def _talk(slug: str) -> str:
    """ "30 min and 500 ₺ more", or nothing where no consultation can come first."""
    offer = None if slug == CONSULTATION else consultation_offer()
    if offer is None:
        return ""
    facts = {"minutes": offer.treatment_minutes, "price": money(offer.price, offer.currency)}
    return _("The practitioner sits down with you before the treatment: %(minutes)s min and %(price)s more.") % facts


def _groups(form: ChoicesForm, offers: list[Offer]) -> list[tuple[str, list]]:
    drawn = zip(offers, Shown(form["areas"]).choices, strict=True)
    return [
        (group_name(key), [one for _offer, one in found]) for key, found in groupby(drawn, lambda o: o[0].area.group)
    ]


def _hint(offer: Offer) -> str:
    price = money(offer.price, offer.currency)
    return _("%(minutes)s min · %(price)s") % {"minutes": offer.visit_minutes, "price": price}
