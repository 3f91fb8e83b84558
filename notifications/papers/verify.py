"""Checks an evidence pack of clientrisk, offline. Needs Python 3.8 or newer and nothing else.

    python3 -I verify.py                       the folder this file lies in
    python3 -I verify.py PACK                  another folder, or the ZIP file as it came
    python3 -I verify.py PACK.zip SHA256       also compares the ZIP file with the hash that the house has on record

Ends with 0 if everything fits, with 1 if anything does not, and names each thing that does not.

What it can show by itself: that no file was changed, added or taken away since the pack was made; that every event of
the audit trail hashes to what it says; that papers, files and what each step showed are those that the trail speaks of.
What it cannot: whoever can make all of it anew, every hash included, makes a pack that fits. The house's own record
shows that: the hash of the ZIP file, and the last event's number and hash, which this prints.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any, Dict, List

MANIFEST = "manifest.sha256"
LARGEST = 2 << 30

Files = Dict[str, bytes]
Wrong = List[str]


def main(arguments: List[str]) -> int:
    if len(arguments) > 2 or any(one.startswith("-") for one in arguments):
        print(__doc__)
        return 2
    place = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    wrong: Wrong = []
    try:
        if len(arguments) == 2 and hashlib.sha256(place.read_bytes()).hexdigest() != arguments[1].strip().lower():
            wrong.append("The ZIP file is not the one whose hash was given.")
        files = read(place)
        told = check(files, wrong)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        print(f"FAILED: this is not a whole evidence pack ({type(error).__name__}: {error})")
        return 1
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        print(f"FAILED: the ZIP file is damaged ({error})")
        return 1
    for line in wrong:
        print("FAILED: " + line)
    if wrong:
        return 1
    print(f"OK: {told}")
    return 0


def read(place: Path) -> Files:
    """Every file of the pack by its name."""
    if place.is_dir():
        found: Files = {}
        for path in place.rglob("*"):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise ValueError(f"{path} is not an ordinary file")
            if path.is_file():
                found[path.relative_to(place).as_posix()] = path.read_bytes()
        return found
    with zipfile.ZipFile(place) as archive:
        names = archive.namelist()
        if len(names) != len(set(names)):
            raise ValueError("the ZIP file holds a name twice")
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
            raise ValueError("the ZIP file unpacks to more than 2 GB")
        return {name: archive.read(name) for name in names}


def check(files: Files, wrong: Wrong) -> str:
    """Adds to ``wrong`` whatever does not fit. What the pack is, in a sentence."""
    check_manifest(files, wrong)
    index = json.loads(files["index.json"].decode("utf-8"))
    for entry in index["files"]:
        data = files.get(entry["path"])
        if data is None or sha256(data) != entry["sha256"] or len(data) != entry["bytes"]:
            wrong.append(f"{entry['path']} is not what index.json says it is.")
    events = [json.loads(line) for line in files["audit.jsonl"].decode("utf-8").splitlines()]
    check_trail(events, index, wrong)
    check_record(files, events, index, wrong)
    check_papers(files, events, wrong)
    check_files(files, events, wrong)
    check_steps(files, events, wrong)
    last = index["as_of"]
    return (
        f"case {index['case']['ref']}, {len(files)} files, {len(events)} audit events, "
        f"the last one {last['seq']} with hash {last['hash']}"
    )


def check_manifest(files: Files, wrong: Wrong) -> None:
    listed: Dict[str, str] = {}
    for line in files[MANIFEST].decode("utf-8").splitlines():
        match = re.match(r"^([0-9a-f]{64})  (.+)$", line)
        if not match or match.group(2) in listed:
            raise ValueError(f"a line of {MANIFEST} cannot be read: {line[:80]!r}")
        listed[match.group(2)] = match.group(1)
    for name in sorted(set(listed) | set(files) - {MANIFEST}):
        if name not in files:
            wrong.append(f"{name} is missing.")
        elif name not in listed:
            wrong.append(f"{name} does not belong to the pack.")
        elif sha256(files[name]) != listed[name]:
            wrong.append(f"{name} was changed.")


def check_trail(events: List[Any], index: Any, wrong: Wrong) -> None:
    """Each event hashes to what it says, and hangs in the one before it where that is in the pack too."""
    case, before = index["case"]["ref"], None
    for event in events:
        made = [event[name] for name in ("previous", "seq", "at", "case_ref", "actor", "event", "data")]
        if digest(made) != event["hash"]:
            wrong.append(f"Audit event {event['seq']} was changed.")
        if not words_fit(event):
            wrong.append(f"The words of audit event {event['seq']} are not those that its hash vouches for.")
        if event["case_ref"] != case:
            wrong.append(f"Audit event {event['seq']} is not of case {case}.")
        if before is not None and event["seq"] <= before["seq"]:
            wrong.append(f"Audit event {event['seq']} is not in its place.")
        elif before is not None and event["seq"] == before["seq"] + 1 and event["previous"] != before["hash"]:
            wrong.append(f"Audit event {event['seq']} does not follow the one before it.")
        before = event
    if index["events"] != len(events):
        wrong.append(f"There should be {index['events']} audit events, and there are {len(events)}.")
    last = index["as_of"]
    if not events or (events[-1]["seq"], events[-1]["hash"]) != (last["seq"], last["hash"]):
        wrong.append("The last audit event is not the one that the pack was made after.")
    if not events or events[0]["event"] not in ("case.opened", "case.taken-over"):
        wrong.append("The first audit event is not that of the case's beginning.")


def words_fit(event: Any) -> bool:
    """What people said lies beside the chain, which holds its salted hash. Erased, both salt and words are gone."""
    vouched, beside = event["data"].get("private"), event.get("private")
    if beside is None or (beside["salt"] is None and beside["content"] is None):
        return beside is None or vouched is not None
    return bool(vouched is not None and digest([beside["salt"], beside["content"]]) == vouched)


def check_record(files: Files, events: List[Any], index: Any, wrong: Wrong) -> None:
    """The case's own record says what the trail says of its end."""
    record = json.loads(files["record.json"].decode("utf-8"))
    if record["case"] != index["case"]:
        wrong.append("record.json and index.json tell of the case differently.")
    ends = [event for event in events if event["event"] == "case.closed"]
    if ends and ends[-1]["data"].get("outcome") != record["case"]["outcome"]:
        wrong.append("record.json names another outcome than the audit trail.")


def check_papers(files: Files, events: List[Any], wrong: Wrong) -> None:
    """Every paper that was written or signed is there, word for word, and no other."""
    there = {sha256(data) for name, data in files.items() if re.match(r"^papers/[^/]+\.json$", name)}
    told = {event["data"]["sha256"] for event in events if event["event"] in ("paper.written", "paper.signed")}
    for one in sorted(told - there):
        wrong.append(f"The paper with the fingerprint {one} is missing or was changed.")
    for one in sorted(there - told):
        wrong.append(f"There is a paper with the fingerprint {one} of which the audit trail knows nothing.")


def check_files(files: Files, events: List[Any], wrong: Wrong) -> None:
    """Every file that was handed in is there, or said to be lost; and no other."""
    there = {name: sha256(data) for name, data in files.items() if name.startswith("files/")}
    lost = set()
    for name in list(there):
        if name.endswith(".missing.txt"):
            lost.add(files[name].decode("utf-8").split(" ")[0])
            del there[name]
    told = {event["data"]["sha256"] for event in events if event["event"] == "step.attached"}
    for one in sorted(told - set(there.values()) - lost):
        wrong.append(f"The file handed in with the hash {one} is missing or was changed.")
    for name in sorted(name for name, one in there.items() if one not in told):
        wrong.append(f"{name} is not among the files that were handed in.")


def check_steps(files: Files, events: List[Any], wrong: Wrong) -> None:
    """What each step showed is what it was opened with, and every answer has its event."""
    steps = json.loads(files["steps.json"].decode("utf-8")) if "steps.json" in files else []
    shown = {}
    opened = {event["data"].get("step") for event in events if event["event"] == "step.opened"}
    for event in events:
        key, content = event["data"].get("step"), event["data"].get("content")
        if event["event"] in ("step.opened", "step.shown-anew") and isinstance(content, str):
            shown[key] = content
    instants = {(event["data"].get("step"), event["at"]) for event in events}
    for step in steps:
        if step["step"] in shown and digest(step["content"]) != shown[step["step"]]:
            wrong.append(f"What the step {step['step']} showed was changed.")
        if step["step"] not in opened:
            wrong.append(f"The audit trail knows nothing of a step {step['step']}.")
        for answer in step["answers"]:
            if (step["step"], answer["at"]) not in instants:
                wrong.append(f"An answer to the step {step['step']} has no audit event.")
    for key in sorted(opened - {step["step"] for step in steps}):
        wrong.append(f"The step {key} is missing from steps.json.")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def digest(data: Any) -> str:
    """The hash of data as the house makes it: JSON with sorted keys, no blanks, letters as they are."""
    return sha256(json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
