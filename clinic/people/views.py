"""Staff sign-in and sign-out."""

from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.debug import sensitive_post_parameters

from clinic.people.access import PRACTITIONER, requires
from clinic.people.forms import SignInForm

sign_in = requires("staff.sign_in")(
    sensitive_post_parameters("password")(
        auth.LoginView.as_view(
            template_name="people/sign_in.html", authentication_form=SignInForm, redirect_authenticated_user=True
        )
    )
)
sign_out = requires("staff.sign_out")(auth.LogoutView.as_view(next_page="/"))


@requires("staff.home")
def home(request: HttpRequest) -> HttpResponse:
    """Leads each role to where its day happens."""
    names = ["review:queue", "desk:day"] if request.actor.kind == PRACTITIONER else ["desk:day"]
    for name in names:
        try:
            return redirect(reverse(name))
        except NoReverseMatch:
            continue
    return redirect("/")
