import pytest

from treatments import home
from treatments.loading import load_catalogue


@pytest.fixture
def offered(db, content):
    load_catalogue(content)


@pytest.fixture(autouse=True)
def _nothing_registered():
    """Pages are tested as this floor alone shows them; a test registers what it needs."""
    before = (home._next_free, home._practitioners, home._times_link)
    home._next_free = home._practitioners = home._times_link = None
    yield
    home._next_free, home._practitioners, home._times_link = before
