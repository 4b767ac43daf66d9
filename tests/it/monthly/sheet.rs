//! 部门月表: a department's reports of a month as one sheet, down, up, and submitted together.

use taizhang::auth::Role;
use taizhang::db::{Db, Head};
use taizhang::exchange::monthly_sheet::{carried, read};
use taizhang::exchange::sheet::{self, Grid};
use taizhang::measure::Measure;
use taizhang::monthly::State;
use taizhang::monthly::typed::{Typed, TypedLine, TypedProblem};

use super::{begin, done, entry, month, reviewer, send_back, standing, submit, under_construction};
use crate::support::{Site, both_with_plan, filled};

/// O1: 30,000 planned, 16,000 done by August; a second project without a plan.
fn september(db: &Db) {
    begin(db, &["CY-24", "CY-25"], "2025-09");
    entry(db, "CY-24", Measure::Plan, "30000", "2025-03-01");
    entry(db, "CY-24", Measure::Completed, "16000", "2025-08-31");
    ["CY-24", "CY-25"].iter().for_each(|code| under_construction(db, code));
}

const MONTH: (&str, &str) = ("month", "2025-09");

#[test]
fn a_sheet_goes_down_comes_back_says_what_lights_and_is_submitted_together() {
    both_with_plan(|db| {
        september(&db);
        let site = Site::over(&db);
        let water = site.signed_in(Role::Reporter);
        let page = water.get("/monthly?month=2025-09").words();
        assert!(page.contains("2 个项目待报送，应于 2025-09-25 24:00 前报送"), "{page}");
        assert!(page.contains("CY-24") && page.contains("年初至上月 16,000 万元"), "{page}");
        let file = water.get("/monthly?month=2025-09&format=xlsx").bytes;
        let block = sheet::read("九月.xlsx", &file).expect("a spreadsheet").to_text();
        assert_eq!(block.lines().count(), 3, "{block}");
        let good = filled(
            &block,
            &[
                ("CY-24", "本月完成（万元）", "２，０００"),
                ("CY-24", "本月形象进度", "主体完工"),
                ("CY-24", "形象进度百分比", "60%"),
                ("CY-24", "存在问题", "征地未完成"),
                ("CY-24", "需协调事项（对口单位）", "属地乡"),
                ("CY-24", "协调期限", "2025年10月15日"),
                ("CY-24", "本年到位未落实（万元）", "19000"),
                ("CY-25", "本月无投资", "是"),
            ],
        );
        let seq = db.read(Head::find).expect("a head").seq;
        let shown = water.post("/monthly/submit", &[MONTH, ("list", &good)]);
        let words = shown.words();
        assert_eq!(shown.status, 200, "{words}");
        for told in
            ["2 份月报", "18,000", "60.0%", "−15.0 个百分点", "将亮黄灯", "落后15.0个百分点", "本月无投资", "未下达"]
        {
            assert!(words.contains(told), "{told} in {words}");
        }
        assert_eq!(db.read(Head::find).expect("a head").seq, seq, "a preview writes nothing");
        let list = carried(&read(&Grid::from_text(&good).expect("a block")).expect("lines"));
        let done = water.post("/monthly/submit", &[MONTH, ("list", &list), ("step", "done")]);
        assert_eq!(done.status, 303, "{}", done.words());
        assert_eq!(db.read(Head::find).expect("a head").seq, seq + 2, "one command a report");
        for code in ["CY-24", "CY-25"] {
            assert_eq!(standing(&db, code, "2025-09").state, State::DepartmentReview, "{code}");
        }
        // Reported, there is nothing left to fill in.
        assert_eq!(water.get("/monthly?month=2025-09&format=xlsx").status, 409);
    });
}

#[test]
fn the_sheet_tells_what_the_register_knows_and_takes_the_columns_of_the_tables_mailed_around_today() {
    both_with_plan(|db| {
        september(&db);
        let site = Site::over(&db);
        let water = site.signed_in(Role::Reporter);
        let file = water.get("/monthly?month=2025-09&format=xlsx").bytes;
        let block = sheet::read("九月.xlsx", &file).expect("a spreadsheet").to_text();
        let lines: Vec<Vec<&str>> = block.lines().map(|line| line.split('\t').collect()).collect();
        let cell = |code: &str, label: &str| {
            let at = lines[0].iter().position(|head| *head == label).unwrap_or_else(|| panic!("{label}: {block}"));
            let row = lines.iter().find(|row| row[0] == code).expect("a row");
            row[at].to_owned()
        };
        for (label, told) in [
            ("责任部门", "朝阳区水务局"),
            ("规划投资额（万元）", "49000"),
            ("年度计划投资（万元）", "30000"),
            ("年初至上月完成（万元）", "16000"),
            ("开工累计至上月（万元）", "16000"),
            ("上月完成率", "53.3%"),
            ("上月序时差（百分点）", "−13.3"),
            ("预算执行率", ""),
            ("责任人", ""),
        ] {
            assert_eq!(cell("CY-24", label), told, "{label}");
        }
        assert_eq!(cell("CY-25", "上月完成率"), "", "without a plan nothing is judged");
        // The columns of domain.md §3.8 as a clerk's own table has them: what the register computes is not read.
        let mailed = "序号\t项目编号\t工程名称\t责任人\t资金来源\t年度目标（形象）\t本月完成\t投资完成率\t序时差\t\
                      本月形象进度\t灯色\t说明\t填报人\t审核人\t日期\n\
                      1\tCY-24\t北小河\t张\t市级\t完工\t2,000\t99%\t0\t主体完工\t绿\t正常\t甲\t乙\t9月24日";
        let shown = water.post("/monthly/submit", &[MONTH, ("list", mailed)]);
        let words = shown.words();
        assert_eq!(shown.status, 200, "{words}");
        assert!(words.contains("18,000") && words.contains("60.0%"), "computed, not taken: {words}");
        let unknown = mailed.replace("投资完成率", "本月完成（元）");
        let refused = water.post("/monthly/submit", &[MONTH, ("list", &unknown)]);
        assert!(refused.words().contains("不认识的列"), "{}", refused.words());
    });
}

#[test]
fn one_bad_row_is_named_by_its_cell_and_nothing_is_submitted() {
    both_with_plan(|db| {
        september(&db);
        let site = Site::over(&db);
        let water = site.signed_in(Role::Reporter);
        let file = water.get("/monthly?month=2025-09&format=xlsx").bytes;
        let block = sheet::read("九月.xlsx", &file).expect("a spreadsheet").to_text();
        let seq = db.read(Head::find).expect("a head").seq;
        let bad = filled(
            &block,
            &[
                ("CY-24", "年初至本月完成（万元）", "15500"),
                ("CY-24", "本月形象进度", "主体完工"),
                ("CY-25", "本月无投资", "是"),
            ],
        );
        for step in ["", "done"] {
            let refused = water.post("/monthly/submit", &[MONTH, ("list", &bad), ("step", step)]);
            assert_eq!(refused.status, 400);
            let words = refused.words();
            assert!(words.contains("累计比上月少"), "{words}");
            if step.is_empty() {
                assert!(words.contains("Z2「15500」"), "{words}");
            }
        }
        assert_eq!(db.read(Head::find).expect("a head").seq, seq);
        assert_eq!(standing(&db, "CY-25", "2025-09").state, State::Unreported);
        // The fall explained, it is 冲减.
        let mended = filled(&bad, &[("CY-24", "冲减原因", "8 月多报")]);
        let shown = water.post("/monthly/submit", &[MONTH, ("list", &mended)]);
        assert!(shown.words().contains("−500"), "{}", shown.words());
    });
}

#[test]
fn another_department_has_no_sheet_of_these_and_no_row() {
    both_with_plan(|db| {
        september(&db);
        let site = Site::over(&db);
        let file = site.signed_in(Role::Reporter).get("/monthly?month=2025-09&format=xlsx").bytes;
        let block = sheet::read("九月.xlsx", &file).expect("a spreadsheet").to_text();
        let parks = site.signed_in_as(&[Role::Reporter], &["parks"]);
        assert_eq!(parks.get("/monthly?month=2025-09&format=xlsx").status, 409);
        let tried = filled(&block, &[("CY-24", "本月无投资", "是"), ("CY-25", "本月无投资", "是")]);
        let refused = parks.post("/monthly/submit", &[MONTH, ("list", &tried)]);
        assert_eq!(refused.status, 400);
        assert!(refused.words().contains("不是本部门牵头的项目"), "{}", refused.words());
        assert_eq!(site.signed_in(Role::Reviewer).get("/monthly").status, 403);
        // Typed line by line in the page itself, it is the same.
        let water = site.signed_in(Role::Reporter);
        let fields = [
            MONTH,
            ("lines", "yes"),
            ("CY-24.completed", "2000"),
            ("CY-24.progress", "主体完工"),
            ("CY-25.completed", ""),
        ];
        let shown = water.post("/monthly/submit", &fields);
        assert!(shown.words().contains("1 份月报") && shown.words().contains("18,000"), "{}", shown.words());
    });
}

/// A report that came back is put in again through the page's lines, or the sheet: what neither shows is kept.
#[test]
fn what_a_sheet_does_not_show_of_a_report_is_kept() {
    both_with_plan(|db| {
        september(&db);
        let problem = |text: &str, due: &str| TypedProblem {
            text: text.into(),
            counterpart: "属地乡".into(),
            due_on: due.into(),
        };
        let money = |source: &str, received: &str, paid: &str| TypedLine {
            source: source.into(),
            received: received.into(),
            paid: paid.into(),
        };
        let first = Typed {
            lines: vec![money("D1", "3063", "2733"), money("B2", "100", "50")],
            problems: vec![problem("征地\n未完成", "2025-10-15"), problem("管线迁改", "2025-11-15")],
            judgement: "yellow".into(),
            judgement_reason: "汛期".into(),
            ..done("2000")
        };
        let kept = first.clone();
        submit(&db, "CY-24", "2025-09", first).expect("submitted");
        send_back(&db, &reviewer(), "CY-24", "2025-09", "缺照片").expect("sent back");
        let site = Site::over(&db);
        let water = site.signed_in(Role::Reporter);
        let stands = |number: i32| {
            db.read(|conn| {
                let id = taizhang::project::store::find(conn, "CY-24")?.expect("a project").id;
                let told = taizhang::monthly::store::list_versions(conn, id, month("2025-09"), i64::MAX)?;
                let version = told.last().expect("a version").fact.clone();
                assert_eq!(version.number, number);
                let sources = taizhang::project::store::list_sources(conn)?;
                let lines = taizhang::monthly::store::list_lines(conn, version.id)?;
                let problems = taizhang::monthly::store::list_problems(conn, version.id)?;
                Ok(taizhang::monthly::fields::Whole { version, lines, problems }.typed(&sources))
            })
            .expect("reads")
        };
        let same = |made: &Typed| {
            let in_order = |lines: &[TypedLine]| {
                let mut lines = lines.to_vec();
                lines.sort_by(|a, b| a.source.cmp(&b.source));
                lines
            };
            assert_eq!(in_order(&made.lines), in_order(&kept.lines));
            assert_eq!(made.problems, kept.problems);
            assert_eq!((&made.judgement, &made.judgement_reason), (&kept.judgement, &kept.judgement_reason));
        };
        // The page's own lines, as they are prefilled.
        let page = water.get("/monthly?month=2025-09");
        assert!(page.words().contains("本年到位 D1") && page.words().contains("本年到位 B2"), "{}", page.words());
        let typed = [
            MONTH,
            ("lines", "yes"),
            ("CY-24.completed", "2100"),
            ("CY-24.received_1", "3063"),
            ("CY-24.paid_1", "2733"),
            ("CY-24.received_2", "100"),
            ("CY-24.paid_2", "50"),
            ("CY-24.progress", "主体施工"),
            ("CY-24.percent", ""),
            ("CY-24.problem_1", "征地 未完成"),
            ("CY-24.next_work", ""),
            ("CY-24.forecast", ""),
        ];
        let shown = water.post("/monthly/submit", &typed);
        assert!(shown.words().contains("照原来的提交 CY-24：另 1 个问题、自评"), "{}", shown.words());
        let list = shown.body.split("name=\"list\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let list = list.expect("what is carried").replace("&quot;", "\"").replace("&#x27;", "'").replace("&amp;", "&");
        let sent = water.post("/monthly/submit", &[MONTH, ("list", &list), ("step", "done")]);
        assert_eq!(sent.status, 303, "{}", sent.words());
        same(&stands(2));
        // The sheet, down and up again.
        send_back(&db, &reviewer(), "CY-24", "2025-09", "再核").expect("sent back");
        let file = water.get("/monthly?month=2025-09&format=xlsx").bytes;
        let block = sheet::read("九月.xlsx", &file).expect("a spreadsheet").to_text();
        let block: Vec<&str> = block.lines().filter(|line| !line.starts_with("CY-25")).collect();
        let sent = water.post("/monthly/submit", &[MONTH, ("list", &block.join("\n")), ("step", "done")]);
        assert_eq!(sent.status, 303, "{}", sent.words());
        same(&stands(3));
    });
}
