//! Money moved and recorded: transfers, what an entry would do, the same thing sent twice.

use taizhang::auth::{Actor, Role};
use taizhang::clock::{Clock, Instant};
use taizhang::db::{AnyConnection, Db, Head, Target};
use taizhang::document::Citation;
use taizhang::error::{Error, Result};
use taizhang::ledger::command::{self, NewEntry, NewReversal, record, reverse, reverse_all};
use taizhang::ledger::transfer::{Line, MAX_LINES, NewTransfer, both_units, check_lines};
use taizhang::ledger::{Entry, Kind};
use taizhang::measure::Measure;
use taizhang::money::Fen;
use taizhang::period::{Day, Year};
use taizhang::proof::check;
use taizhang::rollup::effect::{Amount, Change, Of, check_seen, effect, seen};
use taizhang::rollup::{Deadline, Dimension, Filter, Scope, rollup, rows};
use taizhang::submission::{Key, once};

use crate::support::{NOW, TestDb, a_payment, both_with_plan, clock_at, taizhang, texts, without_rules};

const PAPER: &str = "朝财〔2025〕12号";

fn paper() -> Citation {
    Citation { code: PAPER.into(), title: None, issuer: None, dated: None }
}

fn line(project: &str, measure: Measure, source: Option<&str>, wan: &str) -> Line {
    Line {
        project: project.into(),
        measure,
        year: Some(Year::parse("2025").expect("a year")),
        source: source.map(str::to_owned),
        amount: Fen::parse_wan(wan).expect("an amount"),
    }
}

fn moved(lines: Vec<Line>) -> NewTransfer {
    NewTransfer { lines, occurred_on: Day::parse("2025-09-20").expect("a day"), reason: "年中调剂".into() }
}

fn three_lines() -> Vec<Line> {
    vec![
        line("CY-08", Measure::Budget, Some("D1"), "-120"),
        line("CY-24", Measure::Budget, Some("D1"), "100"),
        line("CY-24", Measure::Budget, Some("M1"), "20"),
    ]
}

fn transfer(db: &Db, new: NewTransfer) -> Result<(Vec<Entry>, Head)> {
    db.write(|tx| command::transfer(tx, &Actor::operator(), new, paper()))
}

fn differences(db: &Db) -> Vec<String> {
    let proofs = db.read(|conn| check(conn, &mut |_| ())).expect("a check");
    proofs.into_iter().flat_map(|proof| proof.differences).collect()
}

fn connect(db: &TestDb) -> AnyConnection {
    Target::parse(db.url()).and_then(|target| target.connect()).expect("the database opens")
}

fn balance(db: &Db, code: &str, measure: Measure) -> (String, i64) {
    let day = db.clock().today();
    let row = db.read(|conn| {
        let head = Head::find(conn)?;
        rows::find(conn, day, &head, code)
    });
    let sum = row.expect("read").expect("a project").figures.sum(measure);
    (Fen::new(sum.fen).wan_exact(), sum.n)
}

fn whole(db: &Db, measure: Measure) -> i64 {
    let answer = db.read(|conn| {
        let known = Head::find(conn)?;
        let scope =
            Scope { as_of: db.clock().today(), known, by: vec![Dimension::Category], filter: Filter::default() };
        rollup(conn, &scope, &Deadline::none())
    });
    answer.expect("read").total.sum(measure).fen
}

#[test]
fn a_transfer_is_one_journal_row_and_moves_nothing_in_all() {
    both_with_plan(|db| {
        let (entries, head) = transfer(&db, moved(three_lines())).expect("a transfer");
        assert_eq!((entries.len(), head.seq), (3, 2));
        assert!(entries.iter().all(|entry| entry.kind == Kind::Transfer.code() && entry.seq == 2));
        assert_eq!(balance(&db, "CY-08", Measure::Budget), ("-120".into(), 1));
        assert_eq!(balance(&db, "CY-24", Measure::Budget), ("120".into(), 2));
        assert_eq!(whole(&db, Measure::Budget), 0);
        let row = db.read(|conn| taizhang::journal::store::find(conn, 2)).expect("read").expect("a row");
        assert_eq!((row.action.as_str(), row.subject.as_str()), ("entry.transfer", "CY-08、CY-24"));
        insta::allow_duplicates! {
            insta::assert_snapshot!(row.payload.split("\"lines\":").nth(1).expect("its lines"), @r#"[{"project":"CY-08","measure":"budget","year":2025,"source":"D1","amount":"-1200000.00"},{"project":"CY-24","measure":"budget","year":2025,"source":"D1","amount":"1000000.00"},{"project":"CY-24","measure":"budget","year":2025,"source":"M1","amount":"200000.00"}],"occurred_on":"2025-09-20","reason":"年中调剂","document":"朝财〔2025〕12号"}"#);
        }
        assert_eq!(differences(&db), Vec::<String>::new());
    });
}

#[test]
fn a_transfer_that_does_not_balance_is_told_by_how_much() {
    let refusal = |lines: Vec<Line>| check_lines(&lines).expect_err("refused").to_string();
    let mut lines = three_lines();
    lines[2].amount = Fen::parse_yuan("200000.01").expect("an amount");
    let mut mixed = three_lines();
    mixed.push(line("CY-08", Measure::Paid, None, "-3.5"));
    let twice = vec![line("CY-08", Measure::Paid, None, "1"), line("CY-08", Measure::Paid, None, "-1")];
    let nothing = vec![line("CY-08", Measure::Paid, None, "0"), line("CY-24", Measure::Paid, None, "99999999999")];
    let told = [
        refusal(lines),
        refusal(mixed),
        refusal(twice),
        refusal(nothing),
        refusal(three_lines()[..1].to_vec()),
        refusal(vec![three_lines()[0].clone(); MAX_LINES + 1]),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
        lines：年度财政预算调入比调出多 0.01 元（0.000001 万元）；调出与调入要相等
        lines：支付资金调出比调入多 35,000 元（3.5 万元）；调出与调入要相等
        lines/1/project「CY-08」：与前面一行的项目、口径、年度、来源都相同；请并成一行
        lines/0/amount「0.00」：金额是 0；没有调动的行请去掉
        lines/1/amount「999999999990000.00」：一笔最多 1 万亿元；请核对单位是元还是万元
        lines：有 1 行；调剂至少两行（调出、调入），最多 100 行
        lines：有 101 行；调剂至少两行（调出、调入），最多 100 行
        "#);
    assert_eq!(check_lines(&three_lines()), Ok(()));
    assert_eq!(both_units(Fen::new(-1)), "−0.01 元（−0.000001 万元）");
}

#[test]
fn half_a_transfer_is_neither_recorded_nor_taken_back() {
    both_with_plan(|db| {
        let lone = NewEntry { kind: Kind::Transfer, ..a_payment() };
        let (one, many) = (lone.clone(), lone);
        for refused in [
            db.write(|tx| record(tx, &Actor::operator(), one, paper()).map(drop)),
            db.write(|tx| command::import(tx, &Actor::operator(), "x", vec![many], paper()).map(drop)),
        ] {
            assert!(refused.expect_err("refused").to_string().contains("调剂有调出也有调入"));
        }
        let (entries, _) = transfer(&db, moved(three_lines())).expect("a transfer");
        let (_, second) = transfer(&db, moved(three_lines())).expect("another, alike");
        let wrong = NewReversal { id: entries[1].id, on: None, reason: "文号有误".into() };
        let done = db.write(move |tx| reverse(tx, &Actor::operator(), &wrong, None)).expect("reversed");
        assert_eq!(done.entry.reverses_id, Some(entries[1].id));
        assert_eq!(balance(&db, "CY-08", Measure::Budget), ("-120".into(), 3), "the other transfer stands");
        assert_eq!(balance(&db, "CY-24", Measure::Budget), ("120".into(), 6));
        let row = db.read(|conn| taizhang::journal::store::find(conn, done.head.seq)).expect("read").expect("a row");
        let ids = entries.iter().map(|entry| entry.id.to_string()).collect::<Vec<_>>().join(",");
        assert!(row.payload.contains(&format!("\"transfer\":[{ids}]")), "{}", row.payload);
        for entry in &entries {
            let again = NewReversal { id: entry.id, on: None, reason: "再来".into() };
            let refused = db.write(move |tx| reverse(tx, &Actor::operator(), &again, None)).expect_err("refused");
            assert!(matches!(refused, Error::Conflict(_)), "{refused}");
        }
        // Two sides of one transfer named in one batch: taken back once.
        let sides: Vec<i64> = texts(
            &mut connect(&db),
            &format!("SELECT CAST(id AS TEXT) AS text FROM entry WHERE seq = {} ORDER BY id", second.seq),
        )
        .iter()
        .map(|id| id.parse().expect("an id"))
        .collect();
        let batch: Vec<NewReversal> =
            sides[..2].iter().map(|id| NewReversal { id: *id, on: None, reason: "重复".into() }).collect();
        let (taken, _) = db.write(move |tx| reverse_all(tx, &Actor::operator(), "x", &batch, None)).expect("reversed");
        assert_eq!(taken.len(), 3);
        assert_eq!(balance(&db, "CY-24", Measure::Budget).0, "0");
        assert_eq!(differences(&db), Vec::<String>::new());
    });
}

#[test]
fn a_mistake_is_found_on_its_day_or_later() {
    both_with_plan(|db| {
        let paid = db.write(|tx| record(tx, &Actor::operator(), a_payment(), paper())).expect("paid").entry;
        let occurred = Day::from_raw(paid.occurred_on).expect("a day");
        let on = |day: Day| NewReversal { id: paid.id, on: Some(day), reason: "重复".into() };
        let (before, same) = (on(occurred.pred()), on(occurred));
        let refused = db.write(move |tx| reverse(tx, &Actor::operator(), &before, None)).expect_err("refused");
        assert_eq!(
            refused.to_string(),
            format!("on「{}」：不早于原分录 {} 的日期 {occurred}", occurred.pred(), paid.id)
        );
        db.write(move |tx| reverse(tx, &Actor::operator(), &same, None)).expect("on its own day");
    });
}

#[test]
fn a_transfer_needs_the_right_to_every_measure_it_touches() {
    both_with_plan(|db| {
        without_rules(&db);
        let finance = Actor::account(1, vec![Role::Finance], vec![]);
        let mut lines = three_lines();
        lines.push(line("CY-08", Measure::Plan, None, "-1"));
        lines.push(line("CY-24", Measure::Plan, None, "1"));
        let refused = db.write(move |tx| command::transfer(tx, &finance, moved(lines), paper()));
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let finance = Actor::account(1, vec![Role::Finance], vec![]);
        db.write(move |tx| command::transfer(tx, &finance, moved(three_lines()), paper()))
            .expect("a budget is finance's");
    });
}

fn amounts(entries: &[NewEntry]) -> Vec<Amount> {
    entries.iter().map(|new| Amount { project: new.project.clone(), measure: new.measure, fen: new.amount }).collect()
}

fn effect_of(db: &Db, amounts: &[Amount]) -> Result<Vec<Change>> {
    db.read(|conn| {
        let head = Head::find(conn)?;
        effect(conn, db.clock().today(), &head, amounts)
    })
}

fn told(changes: &[Change]) -> String {
    let of = |of: &Of| match of {
        Of::Project { code, name } => format!("{code} {name}"),
        Of::Category { slug, name } => format!("{slug} {name}"),
        Of::Whole => "whole".into(),
    };
    let side = |sum: taizhang::rollup::Sum| format!("{} ({})", Fen::new(sum.fen).wan_exact(), sum.n);
    let line = |change: &Change| {
        format!("{} {}: {} -> {}", of(&change.of), change.measure.key(), side(change.before), side(change.after))
    };
    changes.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_shown_before_saving_is_what_stands_after_it() {
    both_with_plan(|db| {
        db.write(|tx| record(tx, &Actor::operator(), a_payment(), paper())).expect("a payment");
        let new = vec![
            a_payment(),
            NewEntry { amount: Fen::parse_wan("7.25").expect("an amount"), ..a_payment() },
            NewEntry { project: "CY-24".into(), amount: Fen::parse_wan("-1").expect("an amount"), ..a_payment() },
            NewEntry { measure: Measure::Received, ..a_payment() },
        ];
        let changes = effect_of(&db, &amounts(&new)).expect("an effect");
        insta::allow_duplicates! {
            insta::assert_snapshot!(told(&changes), @r#"
        CY-08 高安屯生活垃圾焚烧处理厂三期 received: 0 (0) -> 12.5 (1)
        CY-08 高安屯生活垃圾焚烧处理厂三期 paid: 12.5 (1) -> 32.25 (3)
        CY-24 北小河（京承高速至五环路段）滨水空间建设工程 paid: 0 (0) -> -1 (1)
        environment 生态环境保障 received: 0 (0) -> 12.5 (1)
        environment 生态环境保障 paid: 12.5 (1) -> 32.25 (3)
        living 生态生活改善 paid: 0 (0) -> -1 (1)
        whole received: 0 (0) -> 12.5 (1)
        whole paid: 12.5 (1) -> 31.25 (4)
        "#);
        }
        let before = changes.clone();
        db.write(move |tx| command::import(tx, &Actor::operator(), "x", new, paper())).expect("recorded");
        let nothing: Vec<Amount> = before
            .iter()
            .filter_map(|change| match &change.of {
                Of::Project { code, .. } => {
                    Some(Amount { project: code.clone(), measure: change.measure, fen: Fen::ZERO })
                }
                Of::Category { .. } | Of::Whole => None,
            })
            .collect();
        let after = effect_of(&db, &nothing).expect("an effect");
        assert_eq!(
            after.iter().map(|change| change.before).collect::<Vec<_>>(),
            before.iter().map(|change| change.after).collect::<Vec<_>>(),
        );
        assert!(matches!(
            effect_of(&db, &[Amount { project: "CY-99".into(), ..nothing[0].clone() }]),
            Err(Error::NotFound { .. })
        ));
    });
}

#[test]
fn a_total_that_moved_between_preview_and_saving_shows_both_versions() {
    both_with_plan(|db| {
        let new = amounts(&[a_payment()]);
        let first = effect_of(&db, &new).expect("an effect");
        let kept = seen(&first);
        assert_eq!(kept, "CY-08 paid 0.00 0");
        assert_eq!(check_seen(&first, &kept), Ok(()));
        // Another project's payment moves the whole, not what was seen of this one.
        let other = NewEntry { project: "CY-24".into(), ..a_payment() };
        db.write(|tx| record(tx, &Actor::operator(), other, paper())).expect("a payment");
        assert_eq!(check_seen(&effect_of(&db, &new).expect("an effect"), &kept), Ok(()));
        db.write(|tx| record(tx, &Actor::operator(), a_payment(), paper())).expect("a payment");
        let refused = check_seen(&effect_of(&db, &new).expect("an effect"), &kept).expect_err("stale");
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused.to_string(), @r#"预览之后有人记了账，没有保存。CY-08 支付资金：预览时 尚无记录，现在 125,000 元（12.5 万元），1 笔。请按新的合计再看一遍"#);
        }
        assert!(matches!(refused, Error::Stale(_)));
        assert!(matches!(check_seen(&first, "garbage"), Err(Error::Stale(_))), "what was not shown is not believed");
    });
}

/// A payment sent under a key; answers the entry's id.
fn sent(db: &Db, actor: &Actor, key: &str, body: &str) -> Result<(String, bool)> {
    let key = Key::parse(actor, "/api/v1/entries", key, body)?;
    let actor = actor.clone();
    let answer = db.write(move |tx| {
        once(tx, Some(&key), |tx| Ok(record(tx, &actor, a_payment(), paper())?.entry.id.to_string()))
    })?;
    Ok((answer.text, answer.is_replayed))
}

fn payments(db: &Db) -> i64 {
    balance(db, "CY-08", Measure::Paid).1
}

#[test]
fn the_same_thing_sent_twice_is_recorded_once() {
    both_with_plan(|db| {
        without_rules(&db);
        let finance = Actor::account(3, vec![Role::Finance], vec![]);
        let (id, replayed) = sent(&db, &finance, "k-1", "body").expect("recorded");
        assert!(!replayed);
        assert_eq!(sent(&db, &finance, "k-1", "body"), Ok((id.clone(), true)));
        // After the plan, and what set the rules aside.
        assert_eq!((payments(&db), db.read(Head::find).expect("head").seq), (1, 4));
        let other = sent(&db, &finance, "k-1", "another body").expect_err("409");
        assert!(matches!(&other, Error::Conflict(text) if text.contains("另一份内容")), "{other}");
        // The key is the sender's own: someone else's is another.
        let planner = Actor::account(4, vec![Role::Finance], vec![]);
        let (theirs, replayed) = sent(&db, &planner, "k-1", "body").expect("recorded");
        assert!(theirs != id && !replayed);
        // What was refused can be mended and sent again under its key.
        let nobody = Actor::account(3, vec![Role::Leader], vec![]);
        assert!(matches!(sent(&db, &nobody, "k-2", "body"), Err(Error::Forbidden(_))));
        assert_eq!(sent(&db, &finance, "k-2", "mended").map(|(_, replayed)| replayed), Ok(false));
        for bad in ["", "a b", "键", "\n", &"k".repeat(129)] {
            assert!(matches!(Key::parse(&finance, "/x", bad, "body"), Err(Error::Invalid(_))), "{bad:?}");
        }
        assert_eq!(differences(&db), Vec::<String>::new());
    });
}

#[test]
fn a_key_sent_by_many_at_once_does_its_work_once() {
    both_with_plan(|db| {
        without_rules(&db);
        let actor = Actor::account(3, vec![Role::Finance], vec![]);
        // Two servers over one database, eight senders each.
        let nodes =
            [Db::open(db.url(), clock_at(NOW)).expect("a node"), Db::open(db.url(), clock_at(NOW)).expect("a node")];
        let answers: Vec<(String, bool)> = std::thread::scope(|scope| {
            let senders: Vec<_> = (0..16)
                .map(|at| {
                    let (node, actor) = (&nodes[at % 2], &actor);
                    scope.spawn(move || sent(node, actor, "the-same", "body").expect("an answer"))
                })
                .collect();
            senders.into_iter().map(|sender| sender.join().expect("it ends")).collect()
        });
        assert_eq!(answers.iter().filter(|(_, replayed)| !replayed).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|(id, _)| *id == answers[0].0), "all are told the same: {answers:?}");
        assert_eq!(payments(&db), 1);
        assert_eq!(differences(&db), Vec::<String>::new());
    });
}

#[test]
fn a_key_is_forgotten_after_thirty_days() {
    both_with_plan(|db| {
        without_rules(&db);
        let actor = Actor::account(3, vec![Role::Finance], vec![]);
        let first = sent(&db, &actor, "k", "body").expect("recorded").0;
        let at =
            |text: &str| Db::open(db.url(), Clock::set_at(Instant::parse(text).expect("an instant"))).expect("a node");
        let day_30 = at("2025-10-26T11:59:59+08:00");
        assert_eq!(sent(&day_30, &actor, "k", "body"), Ok((first.clone(), true)));
        let later = at("2025-10-26T12:00:01+08:00");
        let (second, replayed) = sent(&later, &actor, "k", "body").expect("recorded");
        assert!(second != first && !replayed);
        assert_eq!(texts(&mut connect(&db), "SELECT answer AS text FROM submission"), [second]);
    });
}

#[test]
fn sixteen_clients_record_at_once_and_nothing_is_lost_or_doubled() {
    both_with_plan(|db| {
        without_rules(&db);
        let nodes =
            [Db::open(db.url(), clock_at(NOW)).expect("a node"), Db::open(db.url(), clock_at(NOW)).expect("a node")];
        let mut ids: Vec<String> = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..16_i64)
                .map(|client| {
                    let node = &nodes[usize::try_from(client).expect("small") % 2];
                    scope.spawn(move || {
                        let actor = Actor::account(client, vec![Role::Finance], vec![]);
                        // Every payment is sent twice, as an impatient client would.
                        (0..10)
                            .flat_map(|n| {
                                [(); 2].map(|()| sent(node, &actor, &format!("p-{n}"), "body").expect("an answer").0)
                            })
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            clients.into_iter().flat_map(|client| client.join().expect("it ends")).collect()
        });
        assert_eq!(ids.len(), 320);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 160, "each payment has an id of its own, the same both times");
        assert_eq!(balance(&db, "CY-08", Measure::Paid), ("2000".into(), 160));
        // After the plan, and what set the rules aside.
        assert_eq!(db.read(Head::find).expect("head").seq, 163);
        assert_eq!(differences(&db), Vec::<String>::new());
    });
}

#[test]
fn the_operator_transfers_by_lines() {
    both_with_plan(|db| {
        let words = |lines: &[&str]| {
            let mut words =
                vec!["entry", "transfer", "--on", "2025-09-20", "--reason", "年中调剂", "--document", PAPER];
            lines.iter().for_each(|line| words.extend(["--line", line]));
            words.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let run = |lines: &[&str]| {
            let words = words(lines);
            taizhang(db.url(), &words.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let done = run(&["CY-08:budget:2025:D1:-120", "CY-24:budget:2025::120"]);
        assert_eq!((done.code, done.err.as_str()), (0, ""));
        assert!(done.out.contains("−1,200,000 元（−120 万元）") && done.out.lines().count() == 2, "{}", done.out);
        let off = run(&["CY-08:budget:2025:D1:-120", "CY-24:budget:2025::119"]);
        assert_eq!((off.code, off.err.contains("调出比调入多 10,000 元（1 万元）")), (2, true), "{}", off.err);
        let form = run(&["CY-08:budget:-120", "CY-24:budget:2025::119"]);
        assert_eq!((form.code, form.err.contains("写成 项目:口径:年度:资金来源:金额")), (2, true), "{}", form.err);
    });
}
