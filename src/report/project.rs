//! `/projects/{code}`: one project on one page, which also prints on one sheet.

use serde::Serialize;

use super::asked::Asked;
use super::frame::{Banner, Fact, FindingNote, Frame, Link, Tone};
use super::ledger_table::{entries_table, origin_link};
use super::nodes::{self, Nodes};
use super::project_light::{self, ProjectLight};
use super::table::{Cell, Column, Kind, MarkKind, Row};
use super::table::{Mark, Table};
use crate::account;
use crate::auth::{Action, Sight};
use crate::db::AnyConnection;
use crate::document::store as documents;
use crate::error::{Error, Result};
use crate::exchange::export::{Names, word};
use crate::ledger;
use crate::ledger::store::Last;
use crate::measure::Measure;
use crate::milestone::{self, state_at};
use crate::money::Fen;
use crate::project::{Attribute, ProjectState, STAGES, Status, exceeds_estimate, store};
use crate::rollup::Figures;
use crate::rollup::rows::{self, counted};

/// The context of `project.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Project {
    /// The surroundings.
    pub frame: Frame,
    /// The project's code, `CY-08`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// One plain sentence: years, estimate, what was last recorded, 「之后情况尚未收录」.
    pub sentence: String,
    /// Its present state, when it needs saying.
    pub mark: Option<Mark>,
    /// Cautions on the whole page.
    pub banners: Vec<Banner>,
    /// What is to be built, in the plan's words.
    pub content: String,
    /// The money, a row per measure.
    pub money: Table,
    /// Facts of the register with status, basis and source.
    pub facts: Vec<Fact>,
    /// Its light with its explanation.
    pub light: Option<ProjectLight>,
    /// The milestones: bars, table, slip ledger, public information.
    pub nodes: Nodes,
    /// Its monthly reports; none for the public.
    pub reports: Option<super::monthly::project::Reports>,
    /// The entries, newest last.
    pub entries: Table,
    /// The line of the plan it comes from.
    pub source: SourceLine,
    /// What this reader can decide about it.
    pub decisions: Vec<Link>,
    /// Oddities of the source about this project.
    pub findings: Vec<FindingNote>,
    /// The project before this one in the annex.
    pub previous: Option<Link>,
    /// The project after it.
    pub next: Option<Link>,
}

/// A line of the plan, quoted.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SourceLine {
    /// The document's title.
    pub document: Link,
    /// The part of it: 「附表1」.
    pub section: String,
    /// The row: 「第 8 行」.
    pub row: String,
    /// The line, verbatim.
    pub text: String,
    /// The line's own page.
    pub href: String,
}

/// A project's page.
pub fn build(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<Project> {
    let known = store::find(conn, code)?.ok_or_else(|| Error::not_found("项目", code, "编号如 CY-01，见「项目」页"))?;
    let Some(state) = asked.find_state(conn, code)? else {
        return Err(Error::not_found(
            "项目",
            code,
            &format!(
                "在 {}（按 {} 时的记录）还没有这个项目：{}",
                asked.as_of,
                asked.known.at.to_the_second(),
                asked.before_plan()
            ),
        ));
    };
    if !asked.sees(&state) {
        return Err(asked.no_project(code));
    }
    let names = Names::load(conn)?;
    let figures = rows::find(conn, asked.as_of, &asked.known, code)?.map(|row| row.figures).unwrap_or_default();
    let last = ledger::store::last_by_measure(conn, known.id, asked.as_of, asked.known.seq)?;
    let money = money(asked, code, &figures, &last)?;
    let told = milestone::store::list(conn, known.id - 1, known.id, asked.as_of, asked.known.seq)?;
    let mark = mark(asked, &state, &told)?;
    let mut frame = Frame { formats: asked.formats(), ..asked.frame(state.value(Attribute::Name), "/projects") };
    frame.crumbs.push(Link::new("项目", asked.link("/projects", &[])));
    let slug = state.value(Attribute::Category);
    if !slug.is_empty() {
        frame.crumbs.push(Link::new(names.category(slug), asked.link(&format!("/categories/{slug}"), &[])));
    }
    frame.actions.push(Link::new("资金表", asked.link(&format!("/projects/{code}/funding"), &[])));
    frame.actions.extend(super::money::actions(asked, Some(code)));
    let (previous, next) = neighbours(conn, asked, &known)?;
    Ok(Project {
        frame,
        code: code.into(),
        name: state.value(Attribute::Name).into(),
        sentence: sentence(asked, &state, (&figures, &last), mark.as_ref()),
        mark,
        banners: warnings(conn, asked)?,
        content: state.value(Attribute::Content).into(),
        money,
        facts: facts(conn, asked, &names, &state, figures.sum(Measure::Investment).fen)?,
        light: project_light::build(conn, asked, &state)?,
        nodes: nodes::build(conn, asked, &state, &told)?,
        reports: super::monthly::project::build(conn, asked, &state)?,
        entries: entries(conn, asked, &names, (known.id, code), &figures)?,
        source: source(conn, asked, &known)?,
        decisions: decisions(asked, code),
        findings: findings(conn, asked, code)?,
        previous,
        next,
    })
}

/// A department's own people answer for it; the office confirms.
fn decisions(asked: &Asked, code: &str) -> Vec<Link> {
    let reader = &asked.reader;
    let claims = reader.may(Action::Claim) && !reader.actor.departments().is_empty();
    let claim = claims.then(|| Link::new("认领或异议", format!("/projects/{code}/claim")));
    let confirm = reader.may(Action::Confirm).then(|| Link::new("确认", format!("/admin/confirmations/{code}")));
    claim.into_iter().chain(confirm).collect()
}

/// What was odd about what the reader has just recorded.
pub(super) fn warnings(conn: &mut AnyConnection, asked: &Asked) -> Result<Vec<Banner>> {
    let row = match asked.reader.done {
        Some(seq) => crate::journal::store::find(conn, seq)?.filter(|row| row.actor == asked.reader.actor.name()),
        None => None,
    };
    let Some(row) = row else { return Ok(Vec::new()) };
    let banner =
        |text: String| Banner { tone: Tone::Caution, text: format!("已记入，请核对：{text}"), link: None };
    Ok(row.warnings()?.into_iter().map(banner).collect())
}

/// Entries a page; what they add up to is never summed from these.
const SHOWN: i64 = 2_000;

/// The entries, those recorded first when there are too many for a page.
fn entries(
    conn: &mut AnyConnection,
    asked: &Asked,
    names: &Names,
    (project, code): (i64, &str),
    figures: &Figures,
) -> Result<Table> {
    let wanted = ledger::store::Wanted { project_id: Some(project), ..Default::default() };
    let entries = ledger::store::list(conn, &wanted, asked.as_of, asked.known.seq, 0, SHOWN)?;
    let mut table = entries_table(conn, asked, names, &entries, None)?;
    let all: i64 = figures.sums.iter().map(|sum| sum.n).sum();
    if all > SHOWN {
        let rest = asked.link("/entries", &[("project", code)]);
        table.notes.push(format!("共 {all} 笔，这里列先记入的 {SHOWN} 笔；全部见分录页 {rest}，或下载本页 CSV。"));
    }
    Ok(table)
}

/// The entries of the page as a table for files.
pub fn export(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<crate::exchange::Table> {
    let state = store::find_state(conn, code, asked.as_of, asked.known.seq)?.filter(|state| asked.sees(state));
    let id = state.ok_or_else(|| asked.no_project(code))?.project.id;
    let wanted = ledger::store::Wanted { project_id: Some(id), ..Default::default() };
    crate::exchange::export::entries(conn, &asked.moment(), &wanted)
}

/// The date of a measure's last entry. What the plan says is dated as exactly as the plan is.
fn last_day(asked: &Asked, last: &[Last], measure: Measure) -> Option<String> {
    let last = last.iter().find(|last| last.measure == measure)?;
    let (plan, precision) = asked.site.dated;
    Some(if last.is_of_plan && last.day == plan { precision.render(last.day) } else { last.day.to_string() })
}

/// A row per measure, with its entries and its own cut-off.
fn money(asked: &Asked, code: &str, figures: &Figures, last: &[Last]) -> Result<Table> {
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let decimals = asked.decimals(figures.sums);
    let rows = Measure::ALL.into_iter().zip(figures.sums).map(|(measure, sum)| {
        let href = asked.link("/entries", &[("project", code), ("measure", measure.key())]);
        Row::from(vec![
            Cell::text(measure.label()),
            asked.money_cell(sum, decimals, href, "未填"),
            Cell::text(sum.n.to_string()),
            last_day(asked, last, measure).map_or_else(|| Cell::absent("尚无记录"), Cell::text),
        ])
    });
    let columns = vec![
        column("口径", Kind::Name, true),
        Column {
            unit: Some(asked.unit.label().into()),
            note: Some("各年累计".into()),
            ..column("金额", Kind::Number, true)
        },
        Column { unit: Some("笔".into()), ..column("分录", Kind::Number, false) },
        column("数据截至", Kind::Date, true),
    ];
    Ok(Table { id: "money".into(), caption: "资金，按口径".into(), columns, ..Table::default() }
        .with_rows(rows.collect()))
}

fn mark(asked: &Asked, state: &ProjectState, told: &[milestone::store::Told]) -> Result<Option<Mark>> {
    let mut done = false;
    for (_, facts) in
        told.iter().filter(|(milestone, _)| ["N8", "N9", "N10", "S3", "S4"].contains(&milestone.code.as_str()))
    {
        let facts = facts.iter().map(counted).collect::<Result<Vec<_>>>()?;
        done |= state_at(&facts, asked.as_of).met_on.is_some();
    }
    let stage = state.value(Attribute::Stage);
    let over = state.year(Attribute::EndYear).is_some_and(|year| year < asked.as_of.year().get());
    Ok(match stage {
        "" | "construction" if over && !done => Some(Mark::term_over()),
        "" if done => Some(Mark::new(MarkKind::Good, "已完成")),
        "" => None,
        "suspended" | "cancelled" => Some(Mark::new(MarkKind::Bad, word(&STAGES, stage))),
        "completion" | "settlement" | "operation" => Some(Mark::new(MarkKind::Good, word(&STAGES, stage))),
        _ => Some(Mark::new(MarkKind::Running, word(&STAGES, stage))),
    })
}

/// One plain sentence: planned years, estimate, what was last recorded.
fn sentence(asked: &Asked, state: &ProjectState, (figures, last): (&Figures, &[Last]), mark: Option<&Mark>) -> String {
    let years = match (state.year(Attribute::StartYear), state.year(Attribute::EndYear)) {
        (Some(start), Some(end)) => format!("规划 {start}–{end} 年建设"),
        _ => "规划没有写建设年限".into(),
    };
    let estimate = figures.sum(Measure::Investment);
    let estimate = if estimate.n == 0 {
        "没有估算".into()
    } else {
        format!("估算投资 {}", asked.money_words(estimate.fen))
    };
    let completed = figures.sum(Measure::Completed);
    let over = mark.is_some_and(|mark| mark.text == Mark::term_over().text);
    let rest = match (last_day(asked, last, Measure::Completed), over) {
        (Some(day), true) => {
            format!("截至 {day} 登记完成投资 {}；规划年限已满，完成情况未填", asked.money_words(completed.fen))
        }
        (Some(day), false) => format!("截至 {day} 登记完成投资 {}", asked.money_words(completed.fen)),
        (None, true) => "规划年限已满，完成情况未填，之后情况尚未收录".into(),
        (None, false) => "本台账还没有它的进度和资金记录，之后情况尚未收录".into(),
    };
    format!("{years}，{estimate}；{rest}。")
}

fn facts(
    conn: &mut AnyConnection,
    asked: &Asked,
    names: &Names,
    state: &ProjectState,
    estimate: i64,
) -> Result<Vec<Fact>> {
    let order = [
        Attribute::StartYear,
        Attribute::EndYear,
        Attribute::Category,
        Attribute::LeadDepartment,
        Attribute::SupportDepartments,
        Attribute::ResponsibleUnit,
        Attribute::ResponsiblePerson,
        Attribute::ApprovedCost,
        Attribute::Nature,
        Attribute::Stage,
        Attribute::ReportingFrom,
    ];
    let mut facts = Vec::new();
    for attribute in order {
        let value = state.value(attribute);
        let Some(standing) = state.facts.get(&attribute) else {
            let missing = match attribute {
                Attribute::Stage | Attribute::StartYear | Attribute::EndYear | Attribute::ApprovedCost => "未填",
                Attribute::ReportingFrom => "未设；月报尚未启用",
                // That there is nothing would be said of what is only not shown.
                attribute if asked.filter.hidden.is_of(attribute) => "待确认",
                Attribute::SupportDepartments | Attribute::ResponsibleUnit | Attribute::ResponsiblePerson => "未登记",
                _ => "待确认",
            };
            facts.push(Fact {
                label: attribute.label().into(),
                value: missing.into(),
                absent: true,
                ..Fact::default()
            });
            continue;
        };
        let (shown, href) = match attribute {
            Attribute::Category => {
                (names.category(value).to_owned(), Some(asked.link(&format!("/categories/{value}"), &[])))
            }
            Attribute::LeadDepartment => {
                (names.department(value).to_owned(), Some(asked.link(&format!("/departments/{value}"), &[])))
            }
            Attribute::ResponsiblePerson if value.is_empty() => ("未定".to_owned(), None),
            // Names of people are not the public's.
            Attribute::ResponsiblePerson if asked.reader.sight != Sight::Published => {
                (person(conn, asked, value)?, None)
            }
            _ => (names.value(attribute, value), None),
        };
        let fact = &standing.fact;
        let basis = match (fact.confidence.as_str(), fact.basis.as_str()) {
            ("", "") => None,
            ("", basis) => Some(basis.to_owned()),
            (confidence, basis) => Some(format!("把握：{confidence}。{basis}")),
        };
        let approved = state.approved_cost().filter(|_| attribute == Attribute::ApprovedCost);
        let basis = match approved {
            Some(approved) if exceeds_estimate(approved, Fen::new(estimate)) => {
                Some("超过规划投资额 10% 以上".to_owned())
            }
            _ => basis,
        };
        facts.push(Fact {
            label: attribute.label().into(),
            value: shown,
            absent: false,
            href,
            mark: match standing.status {
                Status::Inferred => Some(Mark::inferred()),
                Status::Confirmed => Some(Mark::new(MarkKind::Confirmed, "已确认")),
                Status::Stated => None,
            },
            basis,
            source: origin_link(conn, asked, names, fact.line_id, fact.document_id)?,
        });
    }
    Ok(facts)
}

fn source(conn: &mut AnyConnection, asked: &Asked, project: &crate::project::Project) -> Result<SourceLine> {
    let line = match project.line_id {
        Some(id) => documents::find_line_by_id(conn, id)?,
        None => None,
    };
    let document = match line.as_ref().map(|line| line.document_id).or(project.document_id) {
        Some(id) => documents::find(conn, id)?,
        None => None,
    };
    let document = document.map_or_else(Link::default, |d| {
        Link::new(d.title, asked.link(&super::ledger_table::document_path(&d.code), &[]))
    });
    Ok(match line {
        Some(line) => SourceLine {
            document,
            section: line.section.clone(),
            row: line.row_no.map_or_else(String::new, |row| format!("第 {row} 行")),
            text: line.text.replace('\t', "　"),
            href: asked.link(&format!("/lines/{}", line.code), &[]),
        },
        None => SourceLine {
            href: document.href.clone(),
            section: "文件".into(),
            row: String::new(),
            text: "由这份文件列入，不在规划附表中。".into(),
            document,
        },
    })
}

/// Who answers for a project; that the account can no longer be used is said, for somebody must take over.
fn person(conn: &mut AnyConnection, asked: &Asked, value: &str) -> Result<String> {
    let name = super::journal::who(value, &account::store::list_names(conn)?);
    let id = value.strip_prefix("account:").and_then(|id| id.parse::<i64>().ok());
    let standing = match id {
        Some(id) => account::store::find_standing(conn, id, asked.as_of, asked.known.seq)?,
        None => None,
    };
    Ok(match standing {
        Some(standing) if !standing.is_active => format!("{name}（账户已停用，待更换）"),
        _ => name,
    })
}

/// Oddities of the source about a project.
fn findings(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<Vec<FindingNote>> {
    let found = documents::list_findings_of(conn, "project", code)?;
    let found = found.into_iter().filter(|finding| finding.seq <= asked.known.seq);
    Ok(found.map(|finding| FindingNote { text: finding.text, handling: finding.handling, subject: None }).collect())
}

fn neighbours(
    conn: &mut AnyConnection,
    asked: &Asked,
    project: &crate::project::Project,
) -> Result<(Option<Link>, Option<Link>)> {
    let link = |state: ProjectState| {
        let code = &state.project.code;
        Link::new(format!("{code} {}", state.value(Attribute::Name)), asked.link(&format!("/projects/{code}"), &[]))
    };
    let next = store::list_states(conn, asked.as_of, asked.known.seq, project.id, 1)?.pop().map(link);
    let previous = match store::find_id_before(conn, project.id)? {
        Some(id) => store::list_states(conn, asked.as_of, asked.known.seq, id - 1, 1)?
            .pop()
            .filter(|state| state.project.id == id)
            .map(link),
        None => None,
    };
    Ok((previous, next))
}
