"""Every route declares who may use it."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from clinic.people.access import POLICY


def routes(resolver, prefix=""):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), entry.callback


ROUTES = sorted(routes(get_resolver()), key=lambda route: route[0])


def actions_of(callback):
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    if view is not None and view.__module__.startswith("drf_spectacular"):
        return ["api.schema"]
    declared = getattr(callback, "policy", None) or getattr(view, "policy", None)
    return [*([declared] if declared else []), *getattr(view, "policies", {}).values()]


def test_there_are_routes():
    assert len(ROUTES) > 5


@pytest.mark.parametrize(("route", "callback"), ROUTES, ids=[route for route, _ in ROUTES])
def test_route_declares_a_known_action(route, callback):
    actions = actions_of(callback)
    assert actions, f"{route} declares no action"
    assert set(actions) <= set(POLICY)
