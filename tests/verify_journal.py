#!/usr/bin/env python3
"""Verifies an exported journal offline, by docs/journal.md alone (taizhang-journal-v1).

  verify_journal.py FILE [--head HASH] [--database SQLITE_FILE]
  verify_journal.py --vectors docs/journal.md

One line a proof. Exit: 0 all hold, 1 a difference, 2 usage (or a file that cannot be read).
"""
import hashlib
import json
import re
import sqlite3
import sys
import unicodedata
from datetime import datetime, timedelta, timezone

VERSION = "taizhang-journal-v1"
GENESIS = "0" * 64
KEYS = {"seq": int, "at_us": int, "at": str, "actor": str, "action": str, "subject": str,
        "payload": str, "previous": str, "hash": str}
UNREADABLE = (ValueError, OverflowError, RecursionError)
TABLES = ("document plan_line assertion finding category department source project project_fact entry milestone milestone_fact withdrawal clue "
          "clue_answer indicator attachment account account_fact delegation setting publication claim request request_answer report_version report_line "
          "report_problem problem_answer report_step proposal_answer report_photo review_waiver close chase plan_months exemption light_judgement").split()


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def instant(at_us):
    at = datetime(1970, 1, 1, 8, tzinfo=timezone(timedelta(hours=8))) + timedelta(microseconds=at_us)
    return at.isoformat(timespec="microseconds")


def hash_of(row):
    hashed = [VERSION] + [str(row[key]) for key in KEYS if key not in ("at", "hash")]
    return hashlib.sha256("".join(part + "\n" for part in hashed).encode()).hexdigest()


def digest_of(canonical, fens):
    hashed = hashlib.sha256("".join(line + "\n" for line in canonical).encode()).hexdigest()
    digest = {"n": len(canonical), "sha256": hashed}
    return digest | ({"sum_fen": str(sum(fens))} if fens else {})


def read_row(line):
    """The row of a line; an error (of UNREADABLE) that says what differs."""
    row = json.loads(line)
    if type(row) is not dict or {key: type(value) for key, value in row.items()} != KEYS:
        raise ValueError("不是那 9 个键，或类型不对")
    if row["at"] != instant(row["at_us"]):
        raise ValueError("at 与 at_us 不一致")
    if compact(row) != line:
        raise ValueError("写法与导出的不同（空格、键的次序、重复的键或转义）")
    if any(unicodedata.category(c) == "Cc" for key in ("actor", "action", "subject", "payload") for c in row[key]):
        raise ValueError("字段含控制字符")
    return row


def read_file(path):
    """The rows, and what is wrong with the file's form."""
    with open(path, "rb") as file:
        parts = file.read().split(b"\n")
    rows, wrong = [], ["末行没有换行：文件被截断"] if parts.pop() else []
    wrong += [] if parts else ["没有一条日志"]
    for number, part in enumerate(parts, 1):
        try:
            rows.append(read_row(part.decode("utf-8")))
        except UNREADABLE as error:
            wrong.append(f"第 {number} 行：{error}")
    return rows, wrong


def chain(rows):
    """What is wrong with numbers, instants, links and hashes: a list for each."""
    wrong = [], [], [], []
    seq, at_us, previous = 0, None, GENESIS
    for row in rows:
        differs = (row["seq"] != seq + 1, at_us is not None and row["at_us"] <= at_us,
                   row["previous"] != previous, row["hash"] != hash_of(row))
        for where, found in zip(wrong, differs):
            where.extend([f"日志 {row['seq']}（上一条是 {seq}）"] if found else [])
        seq, at_us, previous = row["seq"], row["at_us"], row["hash"]
    return wrong


def facts(rows, path):
    """How many facts a database holds up to the last row, and where they differ from the digests."""
    told = {row["seq"]: json.loads(row["payload"])["facts"] for row in rows}
    found, count = {seq: {} for seq in told}, 0
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    for table in TABLES:
        columns = [column[1] for column in db.execute(f"PRAGMA table_info({table})")]
        by_seq = {}
        for cells in db.execute(f"SELECT {','.join(columns)} FROM {table} WHERE seq <= ? ORDER BY id", [len(rows)]):
            row = dict(zip(columns, cells))
            canonical, fens = by_seq.setdefault(row["seq"], ([], []))
            canonical.append(compact([table, *cells]))
            fens.extend([row["amount_fen"]] if table == "entry" else [])
            count += 1
        for seq, group in by_seq.items():
            found.setdefault(seq, {})[table] = digest_of(*group)
    return count, [f"日志 {seq} 的事实与摘要不符" for seq in sorted(found) if found[seq] != told.get(seq)]


def vectors(path):
    with open(path, encoding="utf-8") as file:
        given = json.loads(re.search(r"^```json vectors\n(.*?)^```$", file.read(), re.M | re.S)[1])
    rows = [read_row(line) for line in given["lines"]]
    yield "起点", [] if given["genesis"] == GENESIS else ["genesis"]
    yield f"时刻 {len(given['instants'])} 个", [i for i in given["instants"] if instant(i["at_us"]) != i["at"]]
    yield f"链 {len(rows)} 条", sum(chain(rows), [])
    yield "第 4 条的各种写法", [f["why"] for f in given["fourth"] if refuses(rows, f["line"]) == f["holds"]]
    yield f"事实 {len(given['facts'])} 条", [f for f in given["facts"] if compact(f["cells"]) != f["canonical"]]
    yield "摘要", [d for d in given["digests"] if digest_of(d["canonical"], d["fens"]) != d["digest"]]


def refuses(rows, line):
    try:
        return any(chain(rows + [read_row(line)]))
    except UNREADABLE:
        return True


def main(arguments):
    if arguments[:1] == ["--vectors"] and len(arguments) == 2:
        return list(vectors(arguments[1]))
    options = dict(zip(arguments[1::2], arguments[2::2]))
    if len(arguments) % 2 == 0 or not options.keys() <= {"--head", "--database"} or arguments[0].startswith("-"):
        raise SystemExit(print(__doc__, file=sys.stderr) or 2)
    rows, wrong = read_file(arguments[0])
    names = ("序号从 1 起不缺", "时刻逐条更晚", "每条指向前一条", "每条内容与哈希相符")
    proofs = [(f"写法为规范形式，{len(rows)} 条", wrong), *zip(names, chain(rows))]
    if "--head" in options:
        held = options["--head"] in [row["hash"] for row in rows]
        proofs.append(("公布的哈希在其中", [] if held else ["没有这一条：末尾被截去，或是另一本日志"]))
    if "--database" in options and not any(differences for _, differences in proofs):
        proofs.append(("{} 条事实与摘要相符".format(*(counted := facts(rows, options["--database"]))), counted[1]))
    return proofs + [(f"末条 {row['seq']} {row['at']} {row['hash']}", []) for row in rows[-1:]]


if __name__ == "__main__":
    try:
        results = main(sys.argv[1:])
    except (OSError, sqlite3.Error) as failure:
        raise SystemExit(print(f"读不到：{failure}", file=sys.stderr) or 2)
    for proof, differences in results:
        print("✗" if differences else "✓", proof, *[f"\n    {difference}" for difference in differences[:5]])
    sys.exit(1 if any(differences for _, differences in results) else 0)
