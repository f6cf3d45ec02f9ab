"""Keys are made and revoked by command, kept as hashes, and a list of them that is damaged lets nobody in."""

import json
import re
import stat
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.config import Config
from service.keys import (
    FILE,
    DamagedKeys,
    KeyNameTaken,
    Keyring,
    UnknownKey,
    UnreadableKeys,
    UnusableKeyName,
    add,
    revoke,
)


def run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["keys", *arguments, "--data", str(data)])


def test_a_key_is_shown_once_and_kept_as_its_hash_for_its_owner_alone(tmp_path: Path) -> None:
    secret = add(tmp_path, "newsroom")
    kept = (tmp_path / FILE).read_text(encoding="utf-8")
    assert re.fullmatch(r"onr_[A-Za-z0-9_-]{43}", secret)  # 43 digits of 6 bits: 256 bits
    assert secret.removeprefix("onr_") not in kept
    assert json.loads(kept)["keys"][0]["sha256"] == sha256(secret.encode()).hexdigest()
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE, "keys.lock"]


def test_a_keyring_knows_each_key_by_its_holder_and_no_other(tmp_path: Path) -> None:
    secrets = {name: add(tmp_path, name) for name in ("newsroom", "archive-2", "a.b_c")}
    ring = Keyring(tmp_path)
    assert {name: ring.holder(secret) for name, secret in secrets.items()} == {name: name for name in secrets}
    wrong = ("", "onr_", secrets["newsroom"][:-1], secrets["newsroom"] + " ", "ż", "\ud800")
    assert [ring.holder(given) for given in wrong] == [None] * len(wrong)
    hashes = [key.sha256 for key in ring.held()]
    assert [ring.holder(given) for given in hashes] == [None] * 3


def test_an_open_keyring_notices_what_is_added_and_revoked(tmp_path: Path) -> None:
    ring = Keyring(tmp_path)
    assert ring.held() == ()
    first, second = add(tmp_path, "one"), add(tmp_path, "two")
    assert (ring.holder(first), ring.holder(second)) == ("one", "two")
    assert revoke(tmp_path, "one") == 1
    assert (ring.holder(first), ring.holder(second)) == (None, "two")
    (tmp_path / FILE).unlink()
    assert ring.held() == ()


def test_a_name_is_given_once_and_must_be_one(tmp_path: Path) -> None:
    add(tmp_path, "newsroom")
    with pytest.raises(KeyNameTaken, match="onrecord keys revoke newsroom"):
        add(tmp_path, "newsroom")
    for name in ("", "-x", "a b", "a\nb", "ä", "x" * 65, "../x"):
        with pytest.raises(UnusableKeyName):
            add(tmp_path, name)
    with pytest.raises(UnknownKey, match="onrecord keys list"):
        revoke(tmp_path, "Newsroom")
    assert [key.name for key in Keyring(tmp_path).held()] == ["newsroom"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"keys": [], "more": 1}',
        b'{"keys": [{"name": "a", "made": "2020", "sha256": "abc"}]}',
        b'{"keys": [{"name": "a b", "made": "2020", "sha256": "%s"}]}' % (b"0" * 64),
        b'{"keys": [], "keys": []}',
        b" " * (1024 * 1024 + 1),
    ],
)
def test_damaged_keys_are_said_to_be_and_nothing_is_written_over_them(tmp_path: Path, content: bytes) -> None:
    secret = add(tmp_path, "newsroom")
    ring = Keyring(tmp_path)
    assert ring.holder(secret) == "newsroom"
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(DamagedKeys, match="Restore the file from a backup, or delete it"):
        ring.holder(secret)
    with pytest.raises(DamagedKeys):
        add(tmp_path, "another")
    assert (tmp_path / FILE).read_bytes() == content


def test_keys_that_the_system_does_not_give_are_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(UnreadableKeys, match=r"Is a directory.*Nothing is wrong with the keys themselves") as raised:
        Keyring(tmp_path).held()
    assert "delete" not in str(raised.value)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnreadableKeys, match="Not a directory"):
        Keyring(tmp_path / "file").held()


def test_a_key_is_made_where_there_is_a_collection_and_nowhere_else(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    listed, made = run(nowhere, "list"), run(nowhere, "add", "newsroom")
    assert (listed.exit_code, listed.stdout, listed.stderr) == (0, "", f"no keys in {nowhere}\n")
    assert (made.exit_code, made.output.startswith(f"Error: There is no collection in {nowhere}.")) == (2, True)
    assert not nowhere.exists()


def test_the_commands_make_list_and_revoke(tmp_path: Path) -> None:
    Config(tmp_path).archive.touch()
    made = run(tmp_path, "add", "newsroom")
    assert made.exit_code == 0
    assert Keyring(tmp_path).holder(made.output.strip()) == "newsroom"
    listed = run(tmp_path, "list")
    assert re.fullmatch(r"newsroom  20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00\n", listed.output)
    assert run(tmp_path, "add", "newsroom").exit_code == 2
    assert run(tmp_path, "revoke", "newsroom").output.startswith("newsroom revoked; no key is left")
    assert Keyring(tmp_path).held() == ()
    refused = run(tmp_path, "revoke", "newsroom")
    assert (refused.exit_code, refused.output.splitlines()[0][:37]) == (2, "Error: No key is called 'newsroom'. `")
