import fcntl
import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from hearout.lib import pg_server
from hearout.lib.conftest import ask
from hearout.lib.pg_account import account_for
from hearout.lib.pg_folder import kept_lock
from hearout.lib.pg_install import find_install
from hearout.lib.postgres import Cluster, PostgresError


def postmaster(cluster: Cluster) -> int:
    return int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0])


def start_elsewhere(cluster: Cluster) -> subprocess.Popen[str]:
    """Another process that uses the cluster until its input ends."""
    program = (
        "import sys; from pathlib import Path; from hearout.lib.postgres import Cluster\n"
        "with Cluster(Path(sys.argv[1])).running_here() as url: print(url, flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(cluster.folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline().startswith("postgresql://")
    return process


def test_the_first_start_makes_a_database_for_a_role_that_row_level_security_binds(cluster: Cluster) -> None:
    with cluster.running_here() as url:
        assert ask(url, "SELECT current_user || '@' || current_database()") == "hearout@hearout"
        assert ask(url, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") is False
        ask(url, "CREATE DATABASE for_tests")
        both = (url, cluster.url("for_tests"))
        for each in both:
            assert (
                ask(each, "SELECT count(*) FROM pg_extension WHERE extname IN ('pg_trgm', 'unaccent')") == 2
            )
        assert ask(url, "SELECT lower('ÄRGER')") == "ärger"
        assert ask(url, "SELECT to_tsvector('simple', 'ÄRGER ✈')::text") == "'ärger':1"


def test_the_server_is_durable_and_deaf_to_the_network(cluster: Cluster) -> None:
    with cluster.running_here() as url:
        for name, value in {
            "fsync": "on", "synchronous_commit": "on", "data_checksums": "on", "listen_addresses": "",
            "unix_socket_permissions": "0700", "server_encoding": "UTF8", "timezone": "UTC",
        }.items():  # fmt: skip
            assert ask(url, f"SHOW {name}") == value
    for private in ("data", "socket"):
        assert (cluster.folder / private).stat().st_mode & 0o777 == 0o700


def test_the_second_start_finds_the_rows_of_the_first(cluster: Cluster) -> None:
    with cluster.running_here() as url:
        ask(url, "CREATE TABLE post AS SELECT 'thanks, Tidewing' AS text")
    assert not cluster.running()
    with cluster.running_here() as url:
        assert ask(url, "SELECT text FROM post") == "thanks, Tidewing"


def test_settings_overrule_the_clusters_own(place: Path) -> None:
    with Cluster(place / "postgres", {"fsync": "off"}).running_here() as url:
        assert ask(url, "SHOW fsync") == "off"


def test_the_server_stays_while_anybody_uses_it_and_stops_with_the_last(cluster: Cluster) -> None:
    with cluster.running_here() as url:
        server = postmaster(cluster)
        second = start_elsewhere(cluster)
    assert ask(url, "SELECT 1") == 1
    assert postmaster(cluster) == server
    second.communicate()
    assert second.returncode == 0
    assert not cluster.running()


def test_a_server_asked_to_stay_outlives_its_users_until_it_is_stopped(cluster: Cluster) -> None:
    cluster.start()
    with cluster.running_here():
        pass
    assert cluster.running()
    cluster.stop()
    assert not cluster.running()
    with cluster.running_here():
        pass
    assert not cluster.running()


def test_forked_children_do_not_keep_the_server_for_a_parent_that_left(cluster: Cluster) -> None:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    with cluster.running_here():
        child = context.Process(target=theirs.recv)
        child.start()
    assert not cluster.running()
    ours.send("go")
    child.join()


def test_many_who_start_at_once_get_one_server(cluster: Cluster) -> None:
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pids = pool.map(_start_and_tell, [cluster] * 4)
    assert len(set(pids)) == 1


def _start_and_tell(cluster: Cluster) -> int:
    cluster.start()
    return postmaster(cluster)


def test_rows_survive_a_server_killed_outright_by_its_own_parent(cluster: Cluster) -> None:
    cluster.start()
    ask(cluster.url("hearout"), "CREATE TABLE post AS SELECT 'still here' AS text")
    killed = postmaster(cluster)
    os.kill(killed, signal.SIGKILL)
    with cluster.running_here() as url:
        assert ask(url, "SELECT text FROM post") == "still here"
    assert postmaster_is_gone(killed)


def postmaster_is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_dead_server_that_its_parent_never_reaped_is_dead(cluster: Cluster) -> None:
    parent = start_elsewhere(cluster)
    os.kill(parent.pid, signal.SIGSTOP)
    try:
        os.kill(postmaster(cluster), signal.SIGKILL)
        with cluster.running_here() as url:
            assert ask(url, "SELECT 1") == 1
    finally:
        parent.kill()
        parent.communicate()


def test_a_server_whose_starter_was_killed_is_adopted_and_stopped(cluster: Cluster) -> None:
    starter = start_elsewhere(cluster)
    server = postmaster(cluster)
    assert os.getsid(server) == server  # so that Ctrl-C in the starter's terminal does not reach it
    starter.kill()
    starter.communicate()
    assert cluster.running()
    with cluster.running_here() as url:
        assert ask(url, "SELECT 1") == 1
        assert postmaster(cluster) == server
    assert not cluster.running()


def test_a_server_started_by_hand_is_used_and_stopped(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    account = account_for(cluster.folder / "data")
    by_hand = subprocess.Popen(
        [find_install().folder / "postgres", "-D", cluster.folder / "data", "-c", "listen_addresses=",
         "-k", cluster.folder / "socket"],
        stderr=subprocess.DEVNULL, **account.run_as(),
    )  # fmt: skip
    cluster.start()
    assert postmaster(cluster) == by_hand.pid
    cluster.stop()
    assert by_hand.wait() == 0


def test_the_process_number_of_a_dead_server_given_to_a_stranger_does_not_hinder(cluster: Cluster) -> None:
    cluster.ensure()
    account = account_for(cluster.folder / "data")
    # of the same user, whom PostgreSQL itself would take for its server
    with subprocess.Popen(["sleep", "60"], **account.run_as()) as stranger:
        (cluster.folder / "data" / "postmaster.pid").write_text(f"{stranger.pid}\n{cluster.folder}/data\n")
        assert not cluster.running()
        cluster.stop()
        with cluster.running_here() as url:
            assert ask(url, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("nonsense", ["", "x", "-1\n", "99999999999999999999\n"])
def test_a_spoilt_pid_file_does_not_hinder(cluster: Cluster, nonsense: str) -> None:
    cluster.ensure()
    (cluster.folder / "data" / "postmaster.pid").write_text(nonsense)
    with cluster.running_here() as url:
        assert ask(url, "SELECT 1") == 1


def test_files_of_another_major_version_are_refused_untouched(cluster: Cluster) -> None:
    cluster.ensure()
    (cluster.folder / "data" / "PG_VERSION").write_text("17\n")
    with pytest.raises(PostgresError, match="made by PostgreSQL 17"):
        cluster.start()


def test_a_first_start_that_was_cut_short_is_made_up_for(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.folder.mkdir(parents=True)
    (cluster.folder / "data.new").mkdir()
    (cluster.folder / "data.new" / "half").write_text("")
    monkeypatch.setattr("hearout.lib.postgres.provide", lambda url_of: None)
    cluster.start()  # as if killed before the role and the database were made
    monkeypatch.undo()
    with cluster.running_here() as url:
        assert ask(url, "SELECT 1") == 1


def test_a_server_that_cannot_start_is_quoted(cluster: Cluster) -> None:
    cluster.ensure()
    with open(cluster.folder / "data" / "postgresql.conf", "a") as conf:
        conf.write("shared_buffers = plenty\n")
    with pytest.raises(PostgresError, match=r"did not start.*invalid value for parameter .shared_buffers"):
        cluster.start()


def test_a_server_that_never_answers_is_given_up(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.ensure()
    monkeypatch.setattr(pg_server, "START_LIMIT", 0.1)
    lock = kept_lock(cluster.folder / "server", fcntl.LOCK_EX)  # as a child of a killed server that hangs
    with pytest.raises(PostgresError, match="has let nobody in"):
        cluster.start()
    os.close(lock)


def test_a_folder_that_is_a_file_is_told_with_a_way_out(place: Path) -> None:
    (place / "file").write_text("")
    cluster = Cluster(place / "file" / "postgres")
    for deed in (cluster.start, cluster.ensure, cluster.running):
        with pytest.raises(PostgresError, match="Set HEAROUT_HOME"):
            deed()


def test_stopping_does_not_wait_for_idle_clients(cluster: Cluster) -> None:
    cluster.start()
    with psycopg.connect(cluster.url("hearout")) as client:
        client.execute("CREATE TABLE unfinished (id int)")
        cluster.stop()
        assert not cluster.running()
        with pytest.raises(psycopg.OperationalError):
            client.execute("SELECT 1")


def test_a_server_that_does_not_stop_is_told_with_its_number(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.start()
    server = postmaster(cluster)
    monkeypatch.setattr(pg_server, "STOP_LIMIT", 0.1)
    os.kill(server, signal.SIGSTOP)
    with pytest.raises(PostgresError, match=f"does not stop .process {server}"):
        cluster.stop()
    os.kill(server, signal.SIGCONT)
