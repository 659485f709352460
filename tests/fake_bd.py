#!/usr/bin/env python3
"""Stands in for Beads' program `bd` in tests: as much of it as is called, and the ways in which it can go wrong.

Its database is .beads/fake.json in or above the working directory, which has to be there: it never makes one. The file
`mode` beside the script says how it behaves, a word a line: object, envelope (shapes of answers), fail COMMAND, hang
COMMAND, locked N (the first N calls), truncate COMMAND, garbage COMMAND, old, lookalike, deaf (closes nothing and exits
with 0). Every call is noted in `calls` beside the script; two calls at once are an error.
"""
import datetime
import json
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent


def now(after=None):
    moment = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    if after and after >= moment.isoformat().replace("+00:00", "Z"):
        moment = datetime.datetime.fromisoformat(after.replace("Z", "+00:00")) + datetime.timedelta(seconds=1)
    return moment.isoformat().replace("+00:00", "Z")


def modes():
    path = HERE / "mode"
    lines = path.read_text().split("\n") if path.exists() else []
    return dict((line.split(" ", 1) + [""])[:2] for line in lines if line)


MODE = modes()


def database():
    for folder in [pathlib.Path.cwd()] + list(pathlib.Path.cwd().parents):
        if (folder / ".beads" / "metadata.json").exists():
            return folder / ".beads" / "fake.json"
    fail("list", "no beads database found")


def fail(command, message):
    text = json.dumps({"error": message})
    print(text, file=sys.stderr if command in ("create", "list", "import", "version") else sys.stdout)
    sys.exit(1)


def answer(command, issues):
    if command == "version":
        shown = issues
    elif "object" in MODE and len(issues) == 1:
        shown = issues[0]
    else:
        shown = issues
    if "envelope" in MODE:
        shown = {"schema_version": 1, "data": shown}
    text = json.dumps(shown, ensure_ascii=False)
    if MODE.get("truncate") == command:
        text = text[: len(text) // 2]
    if MODE.get("garbage") == command:
        text = "Found %d issues:" % len(issues)
    print(text)
    sys.exit(0)


def flag(arguments, *names):
    for i, word in enumerate(arguments):
        if word in names:
            return arguments[i + 1]
    return None


def plain(issue):
    return {key: value for key, value in issue.items() if key != "comments"}


def checked(line):
    row = json.loads(line)
    if not 1 <= len(row.get("title", "").encode()) <= 500:
        fail("import", "title has to be 1 to 500 bytes")
    if (row.get("status") == "closed") != ("closed_at" in row):
        fail("import", "closed_at belongs to closed issues and to no others")
    if "id" not in row or "priority" not in row:
        fail("import", "this test wants id and priority always")
    return row


def put(issues, row):
    known = issues.get(row["id"])
    if known is None:
        row["labels"] = list(dict.fromkeys(row.get("labels", [])))
        known_ids = set(issues) | {row["id"]}
        row["dependencies"] = [d for d in row.get("dependencies", []) if d["depends_on_id"] in known_ids]
        issues[row["id"]] = row
    elif row.get("updated_at", "") > known["updated_at"]:
        comments = known.get("comments", []) + [c for c in row.get("comments", []) if c not in known.get("comments", [])]
        labels = list(dict.fromkeys(known.get("labels", []) + row.get("labels", [])))
        issues[row["id"]] = dict(row, comments=comments, labels=labels)


def run(command, arguments, issues):
    ids = [word for word in arguments if word in issues]
    if command == "list":
        limit, label = flag(arguments, "--limit"), flag(arguments, "-l")
        found = [plain(i) for i in issues.values() if "--all" in arguments or i["status"] != "closed"]
        found = [i for i in found if label is None or label in i.get("labels", [])]
        return found if limit == "0" else found[:50]
    if command == "import":
        rows = [checked(line) for line in sys.stdin.read().splitlines() if line.strip()]
        for row in rows:
            put(issues, row)
        return [plain(row) for row in rows]
    if command == "show":
        full = "--include-comments" in arguments
        return [issues[i] if full else plain(issues[i]) for i in ids]
    if not ids:
        fail(command, "no such issue")
    issue = issues[ids[0]]
    if command == "close":
        if "deaf" in MODE:
            return []
        issue.update(status="closed", closed_at=now(), close_reason=flag(arguments, "-r") or "Closed")
    elif command == "update":
        status, metadata = flag(arguments, "--status"), flag(arguments, "--metadata")
        if metadata:
            issue["metadata"] = json.loads(pathlib.Path(metadata[1:]).read_text())
        if status:
            issue["status"] = status
            if status == "closed":
                issue["closed_at"] = now()
            else:
                issue.pop("closed_at", None)
                issue.pop("close_reason", None)
    elif command == "comment":
        comments = issue.setdefault("comments", [])
        author = os.environ.get("BEADS_ACTOR", "somebody")
        comments.append({"id": "c%d" % len(comments), "issue_id": issue["id"], "author": author, "text": arguments[1],
                         "created_at": now()})
    elif command == "delete":
        del issues[ids[0]]
        return [plain(issue)]
    else:
        fail(command, "unknown command")
    issue["updated_at"] = now(issue["updated_at"])
    return [plain(issue)]


def main():
    command, arguments = sys.argv[1], [word for word in sys.argv[2:] if word != "--json"]
    with open(HERE / "calls", "a") as calls:
        calls.write(json.dumps(sys.argv[1:]) + "\n")
    if MODE.get("hang") == command:
        time.sleep(600)
    if command == "version":
        if "lookalike" in MODE:
            print("bd 1.2.3 (not the one)")
            return
        answer(command, {"version": "0.49.1" if "old" in MODE else "1.0.5", "branch": "main"})
    if MODE.get("fail") == command:
        fail(command, "this went wrong on purpose")
    if int(MODE.get("locked") or 0) > 0:
        left = int(MODE["locked"]) - 1
        (HERE / "mode").write_text("locked %d\n" % left)
        fail(command, "database is locked")
    path = database()
    try:
        turn = os.open(str(path) + ".turn", os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        fail(command, "database is locked")
    try:
        issues = json.loads(path.read_text()) if path.exists() else {}
        done = run(command, arguments, issues)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(issues, ensure_ascii=False))
        fresh.rename(path)
    finally:
        os.close(turn)
        os.unlink(str(path) + ".turn")
    answer(command, done)


main()
