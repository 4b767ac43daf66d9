//! 认领、确认：departments answer, the office confirms, nothing that was said is lost.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use taizhang::auth::{Actor, Role};
use taizhang::clock::Instant;
use taizhang::db::{Db, Head};
use taizhang::document::Citation;
use taizhang::error::{Error, Result};
use taizhang::journal::store::resolve_known_at;
use taizhang::period::Precision;
use taizhang::project::confirm::command::{claim, confirm, confirm_all, preview};
use taizhang::project::confirm::{CONFIRMABLE, NewClaim, NewConfirmation, Outcome, Reviewed, Step, store};
use taizhang::project::{Attribute, Status, store as registry};
use taizhang::rollup::{Deadline, Dimension, Filter, Scope, rollup};

use crate::support::{both_with_plan, day};

fn office() -> Actor {
    Actor::account(1, vec![Role::Office], vec!["ecology".into()])
}

fn water() -> Actor {
    Actor::account(2, vec![Role::Reporter], vec!["water".into()])
}

fn paper(code: &str, dated: &str) -> Citation {
    let dated = (!dated.is_empty()).then(|| Precision::parse_date(dated).expect("a date"));
    Citation { code: code.into(), title: None, issuer: None, dated }
}

fn confirmation(code: &str, attribute: Attribute, value: &str, document: Citation) -> NewConfirmation {
    NewConfirmation {
        code: code.into(),
        attribute,
        value: value.into(),
        seen: None,
        effective_on: None,
        document,
        reason: String::new(),
    }
}

fn done(db: &Db, new: NewConfirmation) -> Result<Outcome> {
    db.write(move |tx| confirm(tx, &office(), &new)).map(|(outcome, _)| outcome)
}

/// The value, its status and its date, as of a day.
fn said(db: &Db, code: &'static str, attribute: Attribute, as_of: &str) -> String {
    let as_of = day(as_of);
    let state = db.read(|conn| registry::find_state(conn, code, as_of, i64::MAX)).expect("reads").expect("is there");
    state.facts.get(&attribute).map_or_else(String::new, |standing| {
        let fact = &standing.fact;
        format!("{} {} {}（{}）", fact.value, fact.status, fact.effective_on, fact.precision)
    })
}

fn by_system(db: &Db, as_of: &str, known_at: &str) -> Vec<String> {
    let as_of = day(as_of);
    db.read(|conn| {
        let latest = Head::find(conn)?;
        let known = resolve_known_at(conn, Some(known_at), Instant::end_of(as_of), &latest)?;
        let scope = Scope { as_of, known, by: vec![Dimension::Category], filter: Filter::default() };
        let answer = rollup(conn, &scope, &Deadline::none())?;
        Ok(answer.rows.iter().map(|row| format!("{} {}", row.keys[0], row.figures.sums[0].fen / 1_000_000)).collect())
    })
    .expect("the rollup answers")
}

#[test]
fn the_same_value_is_confirmed_from_the_inferred_date() {
    both_with_plan(|db| {
        let outcome = done(
            &db,
            confirmation("CY-08", Attribute::Category, "生态环境保障", paper("区环办〔2025〕3号", "2025-09-10")),
        );
        let outcome = outcome.expect("the office confirms");
        assert_eq!((outcome.step, outcome.after.as_str()), (Step::Same, "environment"));
        assert_eq!(said(&db, "CY-08", Attribute::Category, "2023-08-01"), "environment confirmed 20230701（month）");
        // Asked as it was known before, it is still only inferred.
        let then =
            db.read(|conn| registry::find_state(conn, "CY-08", day("2025-09-26"), 1)).expect("reads").expect("there");
        assert!(then.is_inferred(Attribute::Category));
        let again =
            done(&db, confirmation("CY-08", Attribute::Category, "environment", paper("区环办〔2025〕3号", "")));
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    });
}

#[test]
fn another_value_holds_from_the_documents_date_and_totals_follow_from_there() {
    both_with_plan(|db| {
        let outcome =
            done(&db, confirmation("CY-09", Attribute::Category, "space", paper("区环办〔2024〕8号", "2024-03-15")));
        assert_eq!(outcome.expect("confirmed").step, Step::New);
        assert_eq!(said(&db, "CY-09", Attribute::Category, "2024-03-14"), "environment inferred 20230701（month）");
        assert_eq!(said(&db, "CY-09", Attribute::Category, "2024-03-15"), "space confirmed 20240315（day）");
        let before = by_system(&db, "2024-03-14", "seq:2");
        let after = by_system(&db, "2024-03-15", "seq:2");
        assert!(
            before.contains(&"environment 283900".to_owned()) && before.contains(&"space 69900".to_owned()),
            "{before:?}"
        );
        assert!(
            after.contains(&"environment 273900".to_owned()) && after.contains(&"space 79900".to_owned()),
            "{after:?}"
        );
        // What was answered before the confirmation is still the answer of that record.
        assert_eq!(by_system(&db, "2024-03-15", "seq:1"), before);
    });
}

#[test]
fn a_new_value_needs_a_date_of_its_own_or_its_documents() {
    both_with_plan(|db| {
        let undated = done(&db, confirmation("CY-01", Attribute::Nature, "政府", paper("区发改〔2025〕1号", "")));
        assert_eq!(
            undated.expect_err("no date").to_string(),
            "effective_on：与现有的值不同，要写自哪天起（不写时用文件的日期，而这份文件没有登记日期）"
        );
        let mut early =
            confirmation("CY-08", Attribute::LeadDepartment, "water", paper("区发改〔2025〕1号", "2025-01-02"));
        early.effective_on = Some((day("2023-06-30"), Precision::Day));
        let early = done(&db, early).expect_err("before the inferred one").to_string();
        assert!(early.contains("早于现有的值的日期 2023-07，今天的值不会改变"), "{early}");
        let mut kept =
            confirmation("CY-08", Attribute::LeadDepartment, "朝阳区城市管理委", paper("区发改〔2025〕1号", ""));
        kept.effective_on = Some((day("2025-01-02"), Precision::Day));
        let kept = done(&db, kept).expect_err("the value is the same").to_string();
        assert!(kept.contains("值没有变，沿用原来的日期 2023-07"), "{kept}");
        let mut later = confirmation("CY-01", Attribute::Nature, "government", paper("区发改〔2025〕2号", ""));
        later.effective_on = Some((day("2025-09-27"), Precision::Day));
        assert!(
            done(&db, later).expect_err("tomorrow").to_string().contains("晚于今天"),
            "nothing is dated after today"
        );
    });
}

#[test]
fn support_departments_become_codes_and_a_person_is_an_account() {
    both_with_plan(|db| {
        let cite = || paper("区环办〔2025〕4号", "2025-09-01");
        let same =
            done(&db, confirmation("CY-09", Attribute::SupportDepartments, "朝阳区园林绿化局", cite())).expect("same");
        assert_eq!((same.step, same.before.as_str(), same.after.as_str()), (Step::Same, "区园林绿化局", "parks"));
        let two = done(&db, confirmation("CY-11", Attribute::SupportDepartments, "parks、朝阳区水务局", cite()))
            .expect("two");
        assert_eq!((two.step, two.after.as_str()), (Step::New, "parks、water"));
        let unknown = done(&db, confirmation("CY-15", Attribute::SupportDepartments, "parks、属地乡", cite()));
        assert!(
            unknown
                .expect_err("not registered")
                .to_string()
                .starts_with("confirmed_value「属地乡」：没有登记；可用 ecology")
        );
        let name = done(&db, confirmation("CY-15", Attribute::ResponsiblePerson, "张三", cite())).expect_err("a name");
        assert!(name.to_string().contains("不写姓名"), "{name}");
        done(&db, confirmation("CY-15", Attribute::ResponsiblePerson, "account:7", cite())).expect("an account");
        done(&db, confirmation("CY-15", Attribute::ResponsibleUnit, "区园林绿化局绿隔中心", cite())).expect("a unit");
        assert_eq!(
            said(&db, "CY-15", Attribute::ResponsiblePerson, "2025-09-26"),
            "account:7 confirmed 20250901（day）"
        );
    });
}

/// domain.md §6.4 L4: 32 项“待确认”，确认 20 项后界面显示 20/32.
#[test]
fn twenty_of_thirty_two_confirmed_by_one_reviewed_list() {
    both_with_plan(|db| {
        let settled = |db: &Db| db.read(store::count_settled).expect("counts");
        assert_eq!(settled(&db), (0, 32));
        let states = db.read(|conn| registry::list_states(conn, day("2025-09-26"), 1, 0, 100)).expect("reads");
        let mut list = Vec::new();
        for state in states.iter().take(20) {
            for attribute in [Attribute::Category, Attribute::LeadDepartment] {
                let value = state.value(attribute).to_owned();
                let new =
                    confirmation(&state.project.code, attribute, &value, paper("区环办〔2025〕3号", "2025-09-10"));
                list.push(Reviewed { line: list.len() as u64 + 2, new: NewConfirmation { seen: Some(value), ..new } });
            }
        }
        let foreseen = db.read(|conn| preview(conn, &list, day("2025-09-26"), i64::MAX)).expect("a preview");
        assert_eq!(foreseen.len(), 40);
        assert_eq!(settled(&db), (0, 32), "a preview writes nothing");
        let (outcomes, head) = db.write(move |tx| confirm_all(tx, &office(), &list)).expect("the list is confirmed");
        assert_eq!((outcomes, head.seq), (foreseen, 2), "as foreseen, in one journal row");
        assert_eq!(settled(&db), (20, 32));
        let mut told = String::new();
        for attribute in CONFIRMABLE {
            let mut by_status = BTreeMap::new();
            for count in db.read(|conn| store::count(conn, attribute)).expect("counts") {
                *by_status.entry(count.status).or_insert(0) += count.n;
            }
            writeln!(told, "{} {by_status:?}", attribute.word()).expect("writes");
        }
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.trim_end(), @r#"
        category {"confirmed": 20, "inferred": 12}
        lead_department {"confirmed": 20, "inferred": 12}
        nature {"": 28, "inferred": 4}
        support_departments {"": 20, "inferred": 12}
        responsible_unit {"": 32}
        responsible_person {"": 32}
        "#);
        }
        let of_water: i64 = db
            .read(|conn| store::count(conn, Attribute::LeadDepartment))
            .expect("counts")
            .iter()
            .filter(|count| count.department == "water" && count.status == Status::Confirmed.word())
            .map(|count| count.n)
            .sum();
        assert_eq!(of_water, 2, "CY-03 and CY-17 are the water bureau's");
    });
}

#[test]
fn a_bad_line_is_told_with_its_line_and_column_and_nothing_of_the_list_is_stored() {
    both_with_plan(|db| {
        let cite = || paper("区环办〔2025〕3号", "2025-09-10");
        let row = |line, new| Reviewed { line, new };
        let mut overtaken = confirmation("CY-05", Attribute::Category, "space", cite());
        overtaken.seen = Some("living".into());
        let list = vec![
            row(2, confirmation("CY-01", Attribute::Category, "institution", cite())),
            row(3, confirmation("CY-01", Attribute::LeadDepartment, "区环保局", cite())),
            row(4, confirmation("CY-99", Attribute::Category, "space", cite())),
            row(5, confirmation("CY-01", Attribute::Category, "institution", cite())),
            row(6, overtaken),
            row(7, confirmation("CY-06", Attribute::Stage, "在建", cite())),
        ];
        let refusal = db.write(move |tx| confirm_all(tx, &office(), &list)).expect_err("four lines are wrong");
        insta::allow_duplicates! {
            insta::assert_snapshot!(refusal.to_string(), @r#"
        第 3 行 confirmed_value「区环保局」：没有登记；可用 ecology（朝阳区生态环境局）、water（朝阳区水务局）、urban-management（朝阳区城市管理委）、parks（朝阳区园林绿化局）、planning（市规划自然资源委朝阳分局）、development（朝阳区发展改革委）、housing（朝阳区住房城乡建设委）、culture（朝阳区文化和旅游局）
        第 4 行 code「CY-99」：没有这个项目；编号如 CY-01，见「项目」页
        第 5 行 attribute「category」：与第 2 行是同一项目的同一项
        第 6 行 inferred_value「living」：清单导出后已经变了，现在是“environment”；请重新导出清单
        第 7 行 attribute「stage」：这一项不用确认；可用 category（体系）、lead_department（责任部门）、nature（投资性质）、support_departments（协同部门）、responsible_unit（责任单位）、responsible_person（责任人）
        "#);
        }
        assert_eq!(db.read(Head::find).expect("head").seq, 1, "all or nothing");
    });
}

#[test]
fn a_list_in_which_nothing_changes_is_refused_and_confirmed_lines_are_passed_over() {
    both_with_plan(|db| {
        let row = |line, code: &str| Reviewed {
            line,
            new: confirmation(code, Attribute::Category, "institution", paper("区环办〔2025〕3号", "2025-09-10")),
        };
        let (first, both) = (vec![row(2, "CY-01")], vec![row(2, "CY-01"), row(3, "CY-02")]);
        let again = first.clone();
        db.write(move |tx| confirm_all(tx, &office(), &first)).expect("one");
        let (outcomes, _) = db.write(move |tx| confirm_all(tx, &office(), &both)).expect("the second is new");
        assert_eq!(outcomes.iter().map(|outcome| outcome.step).collect::<Vec<_>>(), [Step::Unchanged, Step::Same]);
        let refusal = db.write(move |tx| confirm_all(tx, &office(), &again)).expect_err("nothing changes");
        assert_eq!(refusal.to_string(), "清单里没有一行会改变什么：都已经确认为这些值");
    });
}

#[test]
fn a_department_answers_only_for_itself_and_only_where_it_stands() {
    both_with_plan(|db| {
        let answer = |project: &str, department: &str, accepts, suggested: Option<&str>, reason: &str| NewClaim {
            project: project.into(),
            department: department.into(),
            accepts,
            suggested: suggested.map(str::to_owned),
            reason: reason.into(),
        };
        let ask = |new: NewClaim| db.write(move |tx| claim(tx, &water(), new));
        ask(answer("CY-03", "water", true, None, "")).expect("it is the water bureau's");
        ask(answer("CY-24", "water", false, Some("朝阳区园林绿化局"), "滨水绿地由园林部门立项")).expect("an objection");
        let refused = [
            ask(answer("CY-03", "parks", true, None, "")),
            ask(answer("CY-08", "water", true, None, "")),
            ask(answer("CY-24", "water", false, None, "")),
            ask(answer("CY-24", "water", false, Some("water"), "不是")),
            ask(answer("CY-24", "water", false, Some("区环保局"), "不是")),
            ask(answer("CY-24", "water", true, Some("parks"), "")),
        ];
        let told: Vec<String> =
            refused.map(|answer| answer.expect_err("refused").to_string().chars().take(60).collect()).to_vec();
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.join("\n"), @r#"
        只能替自己所在的部门认领或提出异议
        这个项目现在不由本部门牵头或协同，不能替它答复
        reason：不能为空
        suggested「water」：就是本部门；没有异议请选认领
        suggested「区环保局」：没有登记；可用 ecology（朝阳区生态环境局）、water（朝阳区水务局）、urba
        suggested「parks」：认领时不用建议别的牵头单位
        "#);
        }
        let project = db.read(|conn| registry::find(conn, "CY-24")).expect("reads").expect("there").id;
        let claims = db.read(|conn| store::list_claims(conn, project, i64::MAX)).expect("claims");
        assert_eq!(
            claims.iter().map(|c| (c.answer.as_str(), c.suggested.as_str())).collect::<Vec<_>>(),
            [("object", "parks")]
        );
        // An objection confirms nothing: that is the office's.
        assert_eq!(said(&db, "CY-24", Attribute::LeadDepartment, "2025-09-26"), "water inferred 20230701（month）");
    });
}

#[test]
fn a_confirmation_that_is_withdrawn_leaves_the_inference_in_force() {
    both_with_plan(|db| {
        done(&db, confirmation("CY-09", Attribute::Category, "space", paper("区环办〔2024〕8号", "2024-03-15")))
            .expect("confirmed");
        db.write(|tx| taizhang::project::command::withdraw(tx, &office(), 2, "文号写错", None)).expect("withdrawn");
        assert_eq!(said(&db, "CY-09", Attribute::Category, "2025-09-26"), "environment inferred 20230701（month）");
        let counts = db.read(|conn| store::count(conn, Attribute::Category)).expect("counts");
        assert!(counts.iter().all(|count| count.status != "confirmed"), "{counts:?}");
        let proofs = db.read(|conn| taizhang::proof::check(conn, &mut |_| {})).expect("check runs");
        assert!(proofs.iter().all(taizhang::proof::Proof::holds), "{proofs:#?}");
    });
}

#[test]
fn what_is_confirmed_is_proved_like_everything_else() {
    both_with_plan(|db| {
        done(&db, confirmation("CY-09", Attribute::Category, "space", paper("区环办〔2024〕8号", "2024-03-15")))
            .expect("confirmed");
        db.write(|tx| {
            let new = NewClaim {
                project: "CY-03".into(),
                department: "water".into(),
                accepts: true,
                suggested: None,
                reason: String::new(),
            };
            claim(tx, &water(), new)
        })
        .expect("claimed");
        let proofs = db.read(|conn| taizhang::proof::check(conn, &mut |_| {})).expect("check runs");
        assert!(proofs.iter().all(taizhang::proof::Proof::holds), "{proofs:#?}");
    });
}
