//! 存量补录: the sheet goes down, is filled in, comes back, and loads as dated facts and openings in
//! one command; what stands is not recorded again.

use taizhang::auth::{Actor, Role};
use taizhang::backlog::command::{Loaded, load};
use taizhang::backlog::{Outcome, Wish, list_known, preview};
use taizhang::db::{Db, Head};
use taizhang::document::Citation;
use taizhang::error::{Error, Result};
use taizhang::exchange::backlog::{book, carried, read};
use taizhang::exchange::sheet::{self, Grid};
use taizhang::exchange::xlsx::write;
use taizhang::ledger::store::{Wanted, list};
use taizhang::milestone;
use taizhang::period::Precision;
use taizhang::project::command::change;
use taizhang::project::{Attribute, store};
use taizhang::proof::check;
use taizhang::rollup::{Deadline, Filter, Scope, rollup};

use crate::support::{Site, both_with_plan, day, filled, project_fact, taizhang};

const TODAY: &str = "2025-09-26";

fn office() -> Actor {
    Actor::account(1, vec![Role::Office], vec!["ecology".into()])
}

fn paper() -> Citation {
    let dated = Some(Precision::parse_date("2025-09-20").expect("a date"));
    Citation { code: "朝环办〔2025〕12号".into(), title: None, issuer: None, dated }
}

/// The sheet of every project as it is downloaded, as a block of cells.
fn downloaded(db: &Db) -> String {
    let bytes = db
        .read(|conn| {
            let seq = Head::find(conn)?.seq;
            let known = list_known(conn, day(TODAY), seq, |_| true)?;
            write(&book(conn, &known, "全部 32 项", day(TODAY), seq)?)
        })
        .expect("the sheet is made");
    sheet::read("存量补录.xlsx", &bytes).expect("it reads").to_text()
}

fn wishes(block: &str) -> Result<Vec<Wish>> {
    read(&Grid::from_text(block)?)
}

fn loaded(db: &Db, block: &str) -> Result<Loaded> {
    let list = wishes(block)?;
    db.write(move |tx| load(tx, &office(), &list, &paper(), false))
}

fn previewed(db: &Db, block: &str) -> Result<Outcome> {
    let list = wishes(block)?;
    db.read(|conn| {
        let seq = Head::find(conn)?.seq;
        preview(conn, &list, day(TODAY), seq)
    })
}

/// CY-02: built, finished, paid; CY-05: a survey under way.
const FILLED: [(&str, &str, &str); 22] = [
    ("CY-02", "投资性质", "政府"),
    ("CY-02", "工程类型", "工程"),
    ("CY-02", "阶段", "竣工"),
    ("CY-02", "阶段自", "2024年11月30日"),
    ("CY-02", "实际开工（启动）", "2023.8"),
    ("CY-02", "实际竣工（验收）", "2024-11-30"),
    ("CY-02", "批复概算（万元）", "1,020"),
    ("CY-02", "批复文号", "朝发改〔2023〕5号"),
    ("CY-02", "批复日期", "2023-07-20"),
    ("CY-02", "累计截至", "2025-08-31"),
    ("CY-02", "完成投资累计（万元）", "９８０．５"),
    ("CY-02", "完成投资2023（万元）", "300"),
    ("CY-02", "完成投资2024（万元）", "650.5"),
    ("CY-02", "到位资金累计（万元）", "980.5"),
    ("CY-02", "支付资金累计（万元）", "900"),
    ("CY-02", "支付资金2023（万元）", "0"),
    ("CY-05", "工程类型", "非工程"),
    ("CY-05", "实际开工（启动）", "2023年三季度"),
    ("CY-05", "阶段", "在建"),
    ("CY-05", "累计截至", "2025-08-31"),
    ("CY-05", "完成投资累计（万元）", "0"),
    ("CY-05", "依据文号", "朝环〔2025〕7号"),
];

fn head(db: &Db) -> i64 {
    db.read(Head::find).expect("a head").seq
}

fn entries(db: &Db, code: &'static str) -> Vec<String> {
    db.read(|conn| {
        let project = store::find(conn, code)?.expect("a project").id;
        let wanted = Wanted { project_id: Some(project), measures: vec![4, 5, 6], ..Wanted::default() };
        let found = list(conn, &wanted, day(TODAY), i64::MAX, 0, 100)?;
        Ok(found
            .iter()
            .map(|e| format!("{} {} {:?} {} {}", e.measure, e.kind, e.year, e.amount_fen, e.occurred_on))
            .collect())
    })
    .expect("entries")
}

#[test]
fn the_sheet_as_it_was_downloaded_changes_nothing() {
    both_with_plan(|db| {
        let block = downloaded(&db);
        assert_eq!(block.lines().count(), 33);
        let outcome = previewed(&db, &block).expect("it is good");
        assert_eq!((outcome.rows.len(), outcome.count()), (32, 0));
        assert_eq!(loaded(&db, &block).expect("nothing to do").head, None);
        assert_eq!(head(&db), 1);
        // What is thought of the four enterprises' projects is told as thought.
        let line = block.lines().find(|line| line.starts_with("CY-16")).expect("a row");
        assert!(line.contains("企业\t推定·待确认"), "{line}");
    });
}

#[test]
fn a_filled_sheet_loads_as_dated_facts_and_openings_in_one_row() {
    both_with_plan(|db| {
        let block = filled(&downloaded(&db), &FILLED);
        let done = loaded(&db, &block).expect("it loads");
        assert_eq!(done.head.map(|head| head.seq), Some(2));
        assert_eq!(
            entries(&db, "CY-02"),
            [
                "5 5 Some(2023) 300000000 20250831",
                "5 5 Some(2024) 650500000 20250831",
                "5 5 None 30000000 20250831",
                "4 5 None 980500000 20250831",
                "6 5 Some(2023) 0 20250831",
                "6 5 None 900000000 20250831",
            ]
        );
        // Zero is said: nothing was spent, and that is known.
        assert_eq!(entries(&db, "CY-05"), ["5 5 None 0 20250831"]);
        db.read(|conn| {
            let state = store::find_state(conn, "CY-02", day(TODAY), i64::MAX)?.expect("a state");
            let said = |attribute| {
                let fact = &state.facts[&attribute].fact;
                format!("{} {} {}", fact.value, fact.status, fact.effective_on)
            };
            assert_eq!(said(Attribute::Nature), "government confirmed 20230701");
            assert_eq!(said(Attribute::Stage), "completion stated 20241130");
            assert_eq!(said(Attribute::ApprovedCost), "1020000000 stated 20230720");
            for (code, nodes) in
                [("CY-02", vec!["N5 20230831 month", "N8 20241130 day"]), ("CY-05", vec!["S1 20230930 quarter"])]
            {
                let id = store::find(conn, code)?.expect("a project").id;
                let told = milestone::store::list(conn, id - 1, id, day(TODAY), i64::MAX)?;
                let met: Vec<String> = told
                    .iter()
                    .flat_map(|(node, facts)| {
                        facts
                            .iter()
                            .filter(|fact| fact.kind == 3)
                            .map(|fact| format!("{} {} {}", node.code, fact.happens_on, fact.precision))
                    })
                    .collect();
                assert_eq!(met, nodes, "{code}");
            }
            let row = taizhang::journal::store::find(conn, 2)?.expect("a row");
            assert_eq!((row.action.as_str(), row.subject.as_str()), ("backlog.load", "朝环办〔2025〕12号"));
            let told: serde_json::Value = serde_json::from_str(&row.payload).expect("JSON");
            assert_eq!(
                (&told["count"], &told["projects"], &told["openings"], &told["milestones"], &told["registry"]),
                (&14.into(), &2.into(), &7.into(), &3.into(), &4.into())
            );
            assert_eq!(told["sums"]["completed"], "9805000.00");
            assert_eq!(told["facts"]["entry"]["n"], 7);
            assert!(
                told["facts"]["entry"]["sha256"].is_string() && told["facts"]["project_fact"]["sha256"].is_string()
            );
            // The plan's estimate stays what it is.
            let scope =
                Scope { as_of: day(TODAY), known: Head::find(conn)?, by: Vec::new(), filter: Filter::default() };
            let total = rollup(conn, &scope, &Deadline::none())?.total;
            assert_eq!(total.sums[0].fen, 958_954_000_000);
            Ok(())
        })
        .expect("reads");
        let proofs = db.read(|conn| check(conn, &mut |_| ())).expect("the proofs run");
        assert!(proofs.iter().all(taizhang::proof::Proof::holds), "{proofs:?}");
        // The same file again, and the sheet of now: nothing to record either time.
        assert_eq!(loaded(&db, &block).expect("the same file").head, None);
        assert_eq!(loaded(&db, &downloaded(&db)).expect("the sheet of now").head, None);
        assert_eq!(head(&db), 2);
    });
}

#[test]
fn a_later_sheet_records_the_difference() {
    both_with_plan(|db| {
        loaded(&db, &filled(&downloaded(&db), &FILLED)).expect("it loads");
        let later = filled(
            &downloaded(&db),
            &[
                ("CY-02", "累计截至", TODAY),
                ("CY-02", "完成投资累计（万元）", "1000"),
                ("CY-02", "完成投资2024（万元）", "650"),
            ],
        );
        assert_eq!(loaded(&db, &later).expect("it loads").head.map(|head| head.seq), Some(3));
        assert_eq!(entries(&db, "CY-02")[6..], ["5 5 Some(2024) -500000 20250926", "5 5 None 20000000 20250926"]);
        let earlier = filled(&downloaded(&db), &[("CY-02", "累计截至", "2024-12-31")]);
        let refused = previewed(&db, &earlier).expect_err("an earlier day").to_string();
        assert!(refused.contains("登记簿已有到 2025-09-26 的数，截至日不能早于它"), "{refused}");
    });
}

#[test]
fn what_moved_since_the_download_is_asked_about_and_what_was_not_touched_gives_way() {
    both_with_plan(|db| {
        let block = downloaded(&db);
        let other = project_fact("CY-02", Attribute::Stage, "construction", day(TODAY), paper());
        db.write(move |tx| change(tx, &office(), other)).expect("a change");
        // Untouched, the sheet's empty cell does not take it back; nor does another cell's change.
        let done = loaded(&db, &filled(&block, &[("CY-02", "投资性质", "政府")])).expect("it loads");
        assert_eq!(done.outcome.count(), 1);
        let refused = previewed(&db, &filled(&block, &[("CY-02", "阶段", "竣工")])).expect_err("it moved");
        assert_eq!(refused.to_string(), "J3「竣工」：下载之后登记簿已改为「在建」；请重新下载再填");
    });
}

#[test]
fn every_bad_cell_is_named_with_what_is_allowed() {
    both_with_plan(|db| {
        let block = filled(
            &downloaded(&db),
            &[
                ("CY-01", "投资性质", "国资"),
                ("CY-02", "实际开工（启动）", "2025-13"),
                ("CY-03", "完成投资累计（万元）", "约500"),
                ("CY-04", "完成投资2024（万元）", "-3"),
                ("CY-05", "版本（勿改）", "x"),
            ],
        );
        let refused = wishes(&block).expect_err("bad cells").to_string();
        let lines: Vec<&str> = refused.lines().collect();
        assert_eq!(lines.len(), 5, "{refused}");
        assert_eq!(lines[0], "G2「国资」：可填 政府、企业、混合");
        assert!(lines[1].starts_with("L3「2025-13」："), "{refused}");
        assert!(lines[2].contains("「约500」：不是金额"), "{refused}");
        // What only the register can tell.
        let block = filled(
            &downloaded(&db),
            &[
                ("CY-08", "实际开工（启动）", "2024-03"),
                ("CY-02", "完成投资累计（万元）", "5"),
                ("CY-10", "工程类型", "工程"),
                ("CY-10", "实际开工（启动）", "2024-05"),
                ("CY-10", "实际竣工（验收）", "2024-03"),
                ("CY-04", "累计截至", "2025-08-31"),
                ("CY-04", "完成投资累计（万元）", "10"),
                ("CY-04", "完成投资2024（万元）", "8"),
                ("CY-04", "完成投资2023（万元）", "7"),
                ("CY-06", "批复概算（万元）", "100"),
                ("CY-07", "累计截至", "2026-01-01"),
                ("CY-07", "支付资金累计（万元）", "10"),
                ("CY-09", "阶段", "在建"),
                ("CY-09", "阶段自", "2020-01-01"),
            ],
        );
        let refused = previewed(&db, &block).expect_err("bad rows").to_string();
        let told = [
            "要写工程类型",
            "要写累计截至哪一天",
            "竣工验收 2024-03 早于开工 2024-05",
            "各年之和 15 万元超过累计",
            "要写批复文号",
            "晚于今天（2025-09-26）",
            "阶段的起始日应在登记日 2023-07-01 与今天 2025-09-26 之间",
        ];
        for words in told {
            assert!(refused.contains(words), "{words} in\n{refused}");
        }
        assert_eq!(refused.lines().count(), told.len(), "{refused}");
        assert_eq!(head(&db), 1);
    });
}

#[test]
fn rows_are_projects_each_once_and_sums_are_left_out() {
    both_with_plan(|db| {
        let block = downloaded(&db);
        let with = |line: &str| format!("{block}\n{line}");
        assert_eq!(wishes(&with("\t合计\t\t\t\t958954")).expect("a sum").len(), 32);
        let lost = wishes(&with("\t没有编号的项目")).expect_err("no code").to_string();
        assert_eq!(lost, "A34：这一行没有项目编号；请补上，或删去这一行");
        let twice = previewed(&db, &with("CY-01")).expect_err("twice").to_string();
        assert_eq!(twice, "A34「CY-01」：与 A2 是同一个项目；每个项目一行");
        let unknown = previewed(&db, &with("CY-99")).expect_err("unknown").to_string();
        assert_eq!(unknown, "A34「CY-99」：没有这个项目；编号如 CY-01，请用下载的表");
        let column = block.replacen("备注", "完成投资（万元）", 1);
        let refused = wishes(&column).expect_err("a column").to_string();
        assert!(refused.contains("「完成投资(万元)」：不认识的列"), "{refused}");
    });
}

#[test]
fn a_unit_that_was_probably_another_must_be_answered_for() {
    both_with_plan(|db| {
        let block = filled(
            &downloaded(&db),
            &[("CY-01", "累计截至", "2025-08-31"), ("CY-01", "完成投资累计（万元）", "9805000")],
        );
        let Err(Error::Conflict(refused)) = loaded(&db, &block) else { panic!("it is not let through") };
        assert!(refused.contains("疑按元填写"), "{refused}");
        assert_eq!(head(&db), 1);
        let list = wishes(&block).expect("a sheet");
        let done = db.write(move |tx| load(tx, &office(), &list, &paper(), true)).expect("answered for");
        assert!(done.head.is_some());
    });
}

#[test]
fn an_approved_budget_far_above_the_estimate_is_noticed() {
    both_with_plan(|db| {
        let cells = |amount: &'static str| {
            [
                ("CY-18", "批复概算（万元）", amount),
                ("CY-18", "批复文号", "京发改〔2023〕1号"),
                ("CY-18", "批复日期", "2023-08"),
            ]
        };
        // 5,000 万元 in the plan.
        let hints = |amount| {
            let outcome = previewed(&db, &filled(&downloaded(&db), &cells(amount))).expect("a preview");
            outcome.rows.iter().flat_map(|row| row.hints.iter().map(|hint| hint.text.clone())).collect::<Vec<_>>()
        };
        assert_eq!(hints("5500"), Vec::<String>::new());
        assert_eq!(hints("5500.000001"), ["批复概算超过规划投资额 10% 以上"]);
        loaded(&db, &filled(&downloaded(&db), &cells("5600"))).expect("it loads");
        let site = Site::over(&db);
        let words = site.signed_in(Role::Office).get("/projects/CY-18").words();
        assert!(
            words.contains("批复概算") && words.contains("5,600 万元") && words.contains("京发改〔2023〕1号"),
            "{words}"
        );
        assert!(words.contains("超过规划投资额 10% 以上"), "{words}");
    });
}

#[test]
fn what_is_carried_from_the_preview_is_the_same_sheet() {
    both_with_plan(|db| {
        let block = filled(&downloaded(&db), &FILLED);
        let grid = Grid::from_text(&block).expect("a block");
        let small = carried(&grid).expect("carried");
        assert!(small.len() < block.len() / 2 && !small.contains("推定"), "{} of {}", small.len(), block.len());
        assert_eq!(wishes(&small).expect("again"), wishes(&block).expect("at first"));
    });
}

#[test]
fn the_office_downloads_checks_and_loads_over_the_web() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        let page = office.get("/backlog");
        assert_eq!(page.status, 200);
        assert!(page.words().contains("朝阳区水务局（"), "{}", page.words());
        let answer = office.get("/backlog?format=xlsx");
        assert!(answer.header("content-type").contains("spreadsheetml"), "{}", answer.header("content-type"));
        assert!(answer.header("content-disposition").contains("backlog-2025-09-26.xlsx"));
        let grid = sheet::read("a.xlsx", &answer.bytes).expect("a spreadsheet");
        let text = filled(&grid.to_text(), &FILLED);
        // Pasted, shown, loaded.
        let seq = head(&db);
        let shown = office.post("/backlog/load", &[("list", text.as_str())]);
        let words = shown.words();
        assert_eq!(shown.status, 200, "{words}");
        for told in ["32 行里有 2 行、14 处要记", "还没有记入", "节点 N8 竣工验收", "对合计的影响", "980.5 万元"]
        {
            assert!(words.contains(told), "{told} in {words}");
        }
        assert_eq!(head(&db), seq, "a preview writes nothing");
        let small = carried(&Grid::from_text(&text).expect("a block")).expect("carried");
        let lacking = office.post("/backlog/load", &[("list", small.as_str()), ("step", "done"), ("document", "")]);
        assert_eq!(lacking.status, 400);
        assert!(lacking.words().contains("记入 14 处"), "the preview stays: {}", lacking.words());
        let fields = [("list", small.as_str()), ("step", "done"), ("document", "朝环办〔2025〕12号")];
        let done = office.post("/backlog/load", &fields);
        assert_eq!((done.status, done.header("location")), (303, format!("/backlog?done={}", head(&db)).as_str()));
        let again = office.upload("/backlog/check", "again.xlsx", &office.get("/backlog?format=xlsx").bytes);
        assert!(again.words().contains("32 行都与登记簿一致，没有什么要记"), "{}", again.words());
        let wrong = office.upload("/backlog/check", "a.xlsx", b"%PDF-1.7");
        assert_eq!(wrong.status, 415);
        assert!(wrong.words().contains("按内容看是PDF"), "{}", wrong.words());
    });
}

#[test]
fn a_department_sees_and_checks_its_own_and_loads_nothing() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let water = site.signed_in(Role::Reporter);
        let answer = water.get("/backlog?format=xlsx");
        let grid = sheet::read("a.xlsx", &answer.bytes).expect("a spreadsheet");
        let codes: Vec<String> =
            wishes(&grid.to_text()).expect("rows").into_iter().map(|wish| wish.code.value).collect();
        assert_eq!(codes, ["CY-03", "CY-17", "CY-24", "CY-25", "CY-29", "CY-30"]);
        assert_eq!(water.get("/backlog?format=xlsx&department=parks").status, 403);
        let own = filled(&grid.to_text(), &[("CY-25", "阶段", "在建")]);
        let shown = water.post("/backlog/load", &[("list", own.as_str())]);
        assert!(shown.words().contains("请把这张表连同依据交给领导小组办公室"), "{}", shown.words());
        let seq = head(&db);
        let fields = [("list", own.as_str()), ("step", "done"), ("document", "朝水〔2025〕1号")];
        assert_eq!(water.post("/backlog/load", &fields).status, 403);
        // What another department's cells hold is not told.
        let foreign = filled(&downloaded(&db), &[("CY-01", "阶段", "在建")]);
        let refused = water.post("/backlog/load", &[("list", foreign.as_str())]);
        assert_eq!(refused.status, 400);
        assert!(refused.words().contains("不是本部门牵头、协同的项目"), "{}", refused.words());
        assert!(!refused.words().contains("要记什么"), "{}", refused.words());
        assert_eq!(head(&db), seq);
        assert_eq!(site.signed_in(Role::Finance).get("/backlog").status, 403);
        assert_eq!(site.get("/backlog").status, 303);
    });
}

#[test]
fn the_operator_does_the_same_in_a_terminal() {
    both_with_plan(|db| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("water.xlsx");
        let file = path.to_str().expect("a path");
        let made = taizhang(db.url(), &["export", "backlog", "--department", "water", "-o", file]);
        assert_eq!((made.code, made.err.as_str()), (0, ""));
        let same = taizhang(db.url(), &["backlog", "load", file, "--document", "朝环办〔2025〕12号"]);
        assert_eq!((same.code, same.out.as_str()), (0, "6 行都与登记簿一致，什么也没有记\n"));
        std::fs::write(&path, "not a table").expect("a file");
        let refused = taizhang(db.url(), &["backlog", "check", file]);
        assert_eq!(refused.code, 2);
        assert!(refused.err.contains("「water.xlsx」不能读：按内容看是纯文本"), "{}", refused.err);
        let unknown = taizhang(db.url(), &["export", "backlog", "--department", "nobody", "-o", file]);
        assert_eq!(unknown.code, 2);
    });
}
