import os
import subprocess
import sys
import time

import pytest

from clinic import heartbeat
from clinic.embedded.assets import compile_translations
from clinic.embedded.management.commands.extract_messages import texts
from clinic.embedded.places import Refusal
from clinic.embedded.processes import Process
from clinic.embedded.watch import DEATHS, Watch
from tests.clinic.embedded.conftest import ROOT

BOOTSTRAP = ROOT / "clinic" / "embedded" / "bootstrap.py"
PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Hello"\nmsgstr "Hola"\n'


def test_a_translation_is_compiled_once_and_again_when_it_changes(tmp_path):
    source = tmp_path / "es" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(PO, encoding="utf-8")
    assert compile_translations([tmp_path]) == [source.with_suffix(".mo")]
    assert compile_translations([tmp_path]) == []
    os.utime(source, (1, 1))  # an older version, checked out again
    assert compile_translations([tmp_path]) == [source.with_suffix(".mo")]
    assert b"Hola" in source.with_suffix(".mo").read_bytes()


def setup(prelude: str) -> subprocess.CompletedProcess:
    code = (
        f"{prelude}; import runpy; sys.argv = ['bootstrap.py']; runpy.run_path({str(BOOTSTRAP)!r}, run_name='__main__')"
    )
    return subprocess.run([sys.executable, "-c", f"import sys; {code}"], capture_output=True, text=True, check=False)


def test_an_old_python_asks_for_the_next_one():
    assert setup("sys.version_info = (3, 10, 13, 'final', 0)").returncode == 3


def test_a_missing_venv_module_is_one_sentence():
    # The stamp is asked first; this one looks at a lock that nothing was installed from.
    done = setup(
        "sys.modules['ensurepip'] = None; import hashlib; hashlib.sha256 = lambda data: hashlib.sha512(data); "
        "import subprocess; subprocess.call = lambda *a, **k: 1"
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "apt install python3-venv" in done.stderr


class NoServers:
    servers = ()

    def note(self, *children):
        pass


def test_a_process_that_keeps_dying_ends_everything_with_its_last_words(tmp_path):
    child = Process("worker", ["sh", "-c", "echo no such broker; exit 1"], log=tmp_path / "worker.log", env=os.environ)
    said = []
    dying = pytest.raises(Refusal, match="(?s)worker process dies again and again.*no such broker")
    with dying, Watch(NoServers(), [child], say=said.append) as watch:
        watch.forever()
    assert len([line for line in said if "started again" in line]) == DEATHS - 1


def test_the_clock_counts_as_dead_when_it_stands_still(tmp_path, monkeypatch):
    sign = tmp_path / "beat"
    monkeypatch.setenv("BEAT_HEARTBEAT", str(sign))
    assert not heartbeat.beats()
    sign.touch()
    assert heartbeat.beats()
    os.utime(sign, (time.time() - heartbeat.MAY_PAUSE - 1,) * 2)
    assert not heartbeat.beats()


def test_texts_are_found_in_python_and_in_templates(tmp_path):
    python = tmp_path / "views.py"
    python.write_text('_("Book")\npgettext("a person", "Second")\nngettext("%(n)s visit", "%(n)s visits", n)\n')
    page = tmp_path / "page.html"
    page.write_text(
        '<p>Don\'t break\n   {% translate "Home" %} {% blocktranslate trimmed with name=x %}\n     Hello\n'
        '     {{ name }}\n   {% endblocktranslate %}</p>\n{% translate "May" context "month" %}'
    )
    assert [(text, context) for _line, text, _comments, context in texts(python)] == [
        ("Book", None),
        ("Second", "a person"),
        (("%(n)s visit", "%(n)s visits"), None),
    ]
    assert [(text, context) for _line, text, _comments, context in texts(page)] == [
        ("Home", None),
        ("Hello %(name)s", None),
        ("May", "month"),
    ]
