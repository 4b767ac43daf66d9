//! `/reports/{project}/{month}`: one report, what it says, its versions, and what can be done with it.

use std::collections::HashMap;

use super::form;
use super::parts::{self, fact};
use super::{Place, crumbs, may_file, path, place};
use crate::account;
use crate::auth::{Action, Role};
use crate::close::Kind as Lock;
use crate::close::store::locks;
use crate::db::AnyConnection;
use crate::error::Result;
use crate::exchange::export::Names;
use crate::journal::store::JournalRow;
use crate::money::Fen;
use crate::monthly::course::{Stage, Step, check_reviewer, check_withdraw};
use crate::monthly::fields::Whole;
use crate::monthly::figures::outlook;
use crate::monthly::{ReportVersion, State, check_month, due_on, duty, photo, store};
use crate::period::Day;
use crate::project::Attribute;
use crate::report::asked::Asked;
use crate::report::form::Filled;
use crate::report::frame::{Banner, Fact, Link, Tone};
use crate::report::journal::who;
use crate::report::section::{Section, Sections};
use crate::report::table::{Cell, Column, Kind, Row, Table};

/// The page.
pub fn build(conn: &mut AnyConnection, asked: &Asked, code: &str, month: &str) -> Result<Sections> {
    let place = place(conn, asked, code, month)?;
    let names = Names::load(conn)?;
    let people = account::store::list_names(conn)?;
    let (id, month, seq) = (place.state.project.id, place.month, asked.known.seq);
    let versions = store::list_versions(conn, id, month, seq)?;
    let versions: Vec<_> = versions.into_iter().filter(|told| told.fact.submitted_on <= asked.as_of.raw()).collect();
    let steps = store::list_steps(conn, id, month, seq)?;
    let steps: Vec<_> = steps.into_iter().filter(|told| told.fact.taken_on <= asked.as_of.raw()).collect();
    let mut wholes = Vec::new();
    for told in &versions {
        wholes.extend(parts::whole(conn, told.fact.id)?);
    }
    let name = place.state.value(Attribute::Name);
    let mut page = Sections::new(asked, &format!("{name} {month} 月报"), "/reports");
    page.frame.crumbs.extend(crumbs(month));
    page.frame.crumbs.push(Link::new(name, asked.link(&format!("/projects/{code}"), &[])));
    page.banners = banners(conn, asked, &place, &people, &steps)?;
    if asked.is_whole && asked.reader.done.is_none() {
        page.banners.extend(doubts(conn, &place, &versions)?);
    }
    page = page.with(standing(conn, asked, &place, &versions, &people)?);
    // Who files starts here; who reviews reads first.
    let files = asked.is_whole && may_file(asked, &place.state) && place.course.state.is_open();
    if files {
        page = with_deeds(conn, asked, page, &place, None)?;
    }
    let standing = wholes.iter().find(|whole| Some(whole.version.id) == place.course.version);
    if let Some(whole) = standing {
        page = page.with(content(conn, asked, &names, &place, whole)?);
        page = with_problems(asked, page, &place, whole);
        page = with_proposal(conn, asked, page, &place, whole)?;
    }
    page = with_photos(conn, asked, page, &place)?;
    if asked.is_whole && !files {
        page = with_deeds(conn, asked, page, &place, standing)?;
    }
    if wholes.len() > 1 {
        let compared = wholes.get(wholes.len().saturating_sub(3)..).unwrap_or_default();
        let table = Some(parts::compare(&names, compared));
        page = page.with(Section { table, ..Section::new("versions", "各版对照") });
    }
    if !versions.is_empty() {
        let table = Some(history(&versions, &steps, &people)?);
        page = page.with(Section { table, ..Section::new("history", "经过") });
    }
    Ok(page)
}

/// What a reader must know first: why it came back, what was odd, what stands in the way.
fn banners(
    conn: &mut AnyConnection,
    asked: &Asked,
    place: &Place,
    people: &HashMap<i64, String>,
    steps: &[store::Told<crate::monthly::ReportStep>],
) -> Result<Vec<Banner>> {
    let mut banners = crate::report::project::warnings(conn, asked)?;
    let back = steps.iter().rev().find(|told| told.fact.step == Step::Return.word());
    if let (State::Returned | State::Withdrawn, Some(told)) = (place.course.state, back) {
        let stage = Stage::parse(&told.fact.stage)?.label();
        let text =
            format!("{} 由{}在{stage}退回：{}", told.at.to_the_second(), who(&told.by, people), told.fact.reason);
        banners.push(Banner { tone: Tone::Caution, text, link: None });
    }
    if place.state.is_inferred(Attribute::LeadDepartment) && may_file(asked, &place.state) {
        let text = "责任部门还是推定：可以存草稿，办公室确认责任部门以后才能提交。".to_owned();
        let link = Some(Link::new("认领或异议", format!("/projects/{}/claim", place.code())));
        banners.push(Banner { tone: Tone::Note, text, link });
    }
    Ok(banners)
}

/// What whoever decides must weigh: what was odd about the version that waits.
fn doubts(conn: &mut AnyConnection, place: &Place, versions: &[store::Told<ReportVersion>]) -> Result<Vec<Banner>> {
    let waits = place.course.state.stage().is_some();
    let version = versions.iter().find(|told| waits && Some(told.fact.id) == place.course.version);
    let row = version.map(|told| crate::journal::store::find(conn, told.fact.seq)).transpose()?.flatten();
    let odd = row.as_ref().map(JournalRow::warnings).transpose()?.unwrap_or_default();
    let banner = |text: String| Banner { tone: Tone::Caution, text: format!("提交时提示：{text}"), link: None };
    Ok(odd.into_iter().map(banner).collect())
}

/// Where the report stands.
fn standing(
    conn: &mut AnyConnection,
    asked: &Asked,
    place: &Place,
    versions: &[store::Told<ReportVersion>],
    people: &HashMap<i64, String>,
) -> Result<Section> {
    let quarterly = store::is_quarterly(conn, asked.as_of, asked.known.seq)?;
    let first = place.course.first_submitted_on;
    let duty = duty::duty_of(&place.state, quarterly, place.month, first, asked.as_of);
    let mut facts = vec![
        fact("状态", place.course.state.label(), ""),
        fact("报送", duty.label(), ""),
        fact("应于", format!("{} 24:00 前", due_on(place.month)), ""),
        fact("首次报送", first.map_or_else(String::new, |day| day.to_string()), "未报送"),
    ];
    if let Some(told) = versions.iter().find(|told| Some(told.fact.id) == place.course.version) {
        let how = if told.fact.by_office != 0 { "，办公室代报" } else { "" };
        let value =
            format!("第 {} 版，{} 由{}提交{how}", told.fact.number, told.at.to_the_second(), who(&told.by, people));
        facts.push(fact("现在的版本", value, ""));
        let document = told.fact.document_id.map(|id| crate::document::store::find(conn, id)).transpose()?.flatten();
        if let Some(document) = document {
            let path = crate::report::ledger_table::document_path(&document.code);
            facts.push(Fact { href: Some(asked.link(&path, &[])), ..fact("代报的原件", document.code, "") });
        }
    }
    Ok(Section { facts, ..Section::new("standing", "进展到哪一步") })
}

/// What the version that stands says.
fn content(conn: &mut AnyConnection, asked: &Asked, names: &Names, place: &Place, whole: &Whole) -> Result<Section> {
    let version = &whole.version;
    let mut figures = store::figures(conn, place.state.project.id, place.month, asked.known.seq)?;
    // As it stood when this was submitted; the plan is the one of now.
    figures.base = Fen::new(version.base_fen);
    figures.pending.clear();
    let of_year = figures
        .base
        .checked_add(crate::monthly::content::of_year(place.month, Fen::new(version.correction_fen)))?
        .checked_add(Fen::new(version.completed_fen))?;
    let seen = outlook(&figures, of_year, place.month)?;
    let mut facts = parts::facts(names, whole);
    facts.extend(parts::outlook_facts(&figures, &seen));
    if asked.is_whole && place.course.state.stage().is_some() {
        let id = place.state.project.id;
        let light = parts::lights_to_be(conn, asked, place.month, &[(id, of_year)])?.remove(&id);
        facts.extend(light.map(|(_, told)| fact("亮灯", told, "")));
    }
    let table = parts::lines(asked, names, whole);
    let mut section =
        Section { facts, table, ..Section::new("content", &format!("第 {} 版的内容", version.number)) };
    if matches!(place.course.state, State::Approved | State::Published) {
        let code = crate::monthly::document_code(place.code(), place.month);
        let path = crate::report::ledger_table::document_path(&code);
        section.links.push(Link::new("记入台账的分录", asked.link(&path, &[])));
    }
    Ok(section)
}

fn with_problems(asked: &Asked, page: Sections, place: &Place, whole: &Whole) -> Sections {
    if whole.problems.is_empty() {
        return page;
    }
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let columns = vec![
        column("问题", Kind::Name, true),
        column("对口单位", Kind::Text, true),
        column("期限", Kind::Date, true),
        column("办结", Kind::Text, true),
    ];
    let rows = whole.problems.iter().map(|(problem, answer)| {
        let due = problem.due_on.and_then(|raw| Day::from_raw(raw).ok());
        let over = due.filter(|due| *due < asked.today() && answer.is_none());
        let due = due.map_or_else(|| Cell::absent("未填"), |day| Cell::text(day.to_string()));
        Row::from(vec![
            Cell::text(problem.text.as_str()),
            match problem.counterpart.as_str() {
                "" => Cell::absent("未填"),
                counterpart => Cell::text(counterpart),
            },
            if over.is_some() { due.with_note("已过期限") } else { due },
            match answer {
                None => Cell::absent("未办结"),
                Some(answer) => Cell::text(answer.note.as_str()),
            },
        ])
    });
    let table = Table { id: "problem-list".into(), caption: "问题".into(), columns, ..Table::default() };
    let mut section = Section { table: Some(table.with_rows(rows.collect())), ..Section::new("problems", "问题") };
    if asked.is_whole && asked.reader.may(Action::ApproveReport) {
        let open = whole.problems.iter().filter(|(_, answer)| answer.is_none());
        let back = path(place.code(), place.month);
        let forms =
            open.map(|(problem, _)| form::settle(asked, problem.id, (&problem.text, &back), &Filled::default()));
        section.forms.extend(forms);
    }
    page.with(section)
}

/// What the site looks like, and the form that adds to it.
fn with_photos(conn: &mut AnyConnection, asked: &Asked, page: Sections, place: &Place) -> Result<Sections> {
    let photos = parts::photos(conn, asked, &place.state, place.month)?;
    let stage = place.state.value(Attribute::Stage);
    let locked = locks(conn, Lock::Reports, asked.latest.seq)?.until(place.lead());
    let takes = may_file(asked, &place.state)
        && photos.len() < photo::MOST
        && locked.is_none_or(|until| until < place.month)
        && !place.state.is_inferred(Attribute::LeadDepartment)
        && check_month(place.month, duty::reporting_from(&place.state), stage, asked.today()).is_ok();
    if photos.is_empty() && !takes {
        return Ok(page);
    }
    let forms =
        if takes { vec![form::photo(asked, place.code(), place.month, &Filled::default())] } else { Vec::new() };
    Ok(page.with(Section { photos, forms, ..Section::new("photos", "现场照片") }))
}

fn with_proposal(
    conn: &mut AnyConnection,
    asked: &Asked,
    page: Sections,
    place: &Place,
    whole: &Whole,
) -> Result<Sections> {
    let Some(proposed) = whole.version.proposal_fen.map(Fen::new) else { return Ok(page) };
    let answer = store::find_proposal_answer(conn, whole.version.id)?.filter(|answer| answer.seq <= asked.known.seq);
    let told = match &answer {
        None => "计划部门还没有答复",
        Some(answer) if answer.entry_id.is_some() => "已采纳，记入年度计划",
        Some(_) => "未采纳",
    };
    let mut section = Section {
        facts: vec![fact("建议的年度计划投资", parts::amount(proposed), ""), fact("答复", told, "")],
        ..Section::new("proposal", "计划建议数")
    };
    if let Some(reason) = answer.as_ref().map(|answer| answer.reason.as_str()).filter(|reason| !reason.is_empty()) {
        section.facts.push(fact("理由", reason, ""));
    }
    if let Some(id) = answer.as_ref().and_then(|answer| answer.document_id)
        && let Some(document) = crate::document::store::find(conn, id)?
    {
        let href = Some(asked.link(&crate::report::ledger_table::document_path(&document.code), &[]));
        section.facts.push(Fact { href, ..fact("依据", document.code, "") });
    }
    let is_passed = matches!(place.course.state, State::Approved | State::Published);
    let plans = asked.reader.actor.may_record(crate::measure::Measure::Plan) && asked.is_whole;
    if plans && answer.is_none() && !is_passed {
        section.sentences.push("月报通过以后由计划部门答复。".into());
    }
    if plans && answer.is_none() && is_passed {
        section.forms = vec![
            form::accept(asked, whole.version.id, &Filled::default()),
            form::decline(asked, whole.version.id, &Filled::default()),
        ];
    }
    Ok(page.with(section))
}

/// What this reader can do now.
fn with_deeds(
    conn: &mut AnyConnection,
    asked: &Asked,
    page: Sections,
    place: &Place,
    standing: Option<&Whole>,
) -> Result<Sections> {
    let files = may_file(asked, &place.state);
    let href = path(place.code(), place.month);
    if files && place.course.state.is_open() {
        let stage = place.state.value(Attribute::Stage);
        let mut section = Section::new("deeds", "填报");
        match check_month(place.month, duty::reporting_from(&place.state), stage, asked.today()) {
            Ok(()) => section.links.push(Link::new("填报", format!("{href}/edit"))),
            Err(error) => {
                section.sentences.push(format!("现在不能提交：{error}。"));
                if place.month.first_day() <= asked.today() {
                    section.links.push(Link::new("存草稿", format!("{href}/edit")));
                }
            }
        }
        return Ok(page.with(section));
    }
    let mut section = Section::new("deeds", "办理");
    if files && check_withdraw(&place.course).is_ok() && !is_only_office(asked) {
        section.forms.push(form::withdraw(asked, place));
    }
    if let (Some(stage), Some(whole)) = (place.course.state.stage(), standing) {
        let by = store::submitted_by(conn, &whole.version)?;
        if asked.reader.may(Action::ReviewReport)
            && check_reviewer(stage, place.lead(), &by, &asked.reader.actor).is_ok()
        {
            section.forms.extend(form::decisions(asked, place, stage));
        } else {
            let next = match stage {
                Stage::Department => "现在等本部门的审核人审核；通过后送办公室复核。",
                Stage::Office => "现在等办公室复核；通过后完成投资记入台账。",
            };
            section.sentences.push(next.into());
        }
    }
    let is_empty = section.forms.is_empty() && section.sentences.is_empty();
    Ok(if is_empty { page } else { page.with(section) })
}

/// The office withdraws only what it filed itself.
fn is_only_office(asked: &Asked) -> bool {
    !asked.reader.actor.roles().contains(&Role::Reporter)
}

/// Who did what, oldest first.
fn history(
    versions: &[store::Told<ReportVersion>],
    steps: &[store::Told<crate::monthly::ReportStep>],
    people: &HashMap<i64, String>,
) -> Result<Table> {
    let mut rows: Vec<(i64, Row)> = Vec::new();
    for told in versions {
        let what = format!("提交第 {} 版", told.fact.number);
        rows.push((told.fact.seq, row(&told.at.to_the_second(), &what, &who(&told.by, people), "")));
    }
    for told in steps {
        let step = Step::parse(&told.fact.step)?;
        let what = match step {
            Step::Return | Step::Open => format!("{}（{}）", step.label(), Stage::parse(&told.fact.stage)?.label()),
            _ => step.label().to_owned(),
        };
        rows.push((told.fact.seq, row(&told.at.to_the_second(), &what, &who(&told.by, people), &told.fact.reason)));
    }
    rows.sort_by_key(|(seq, _)| *seq);
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let columns = vec![
        column("时间", Kind::Date, true),
        column("事项", Kind::Name, true),
        column("谁", Kind::Text, true),
        column("原因", Kind::Prose, true),
    ];
    let table = Table { id: "step-list".into(), caption: "经过".into(), columns, ..Table::default() };
    Ok(table.with_rows(rows.into_iter().map(|(_, row)| row).collect()))
}

fn row(at: &str, what: &str, by: &str, reason: &str) -> Row {
    let reason = if reason.is_empty() { Cell::absent("不用写") } else { Cell::text(reason) };
    Row::from(vec![Cell::text(at), Cell::text(what), Cell::text(by), reason])
}
