//! 公开信息 on a project's page: what public sources say of it, and how far each can be believed.

use serde::Serialize;

use super::asked::Asked;
use super::frame::Link;
use super::table::{Cell, Column, Kind, Mark, MarkKind, Row, Table};
use crate::auth::{Action, Sight};
use crate::db::AnyConnection;
use crate::document::store as documents;
use crate::error::Result;
use crate::exchange::milestones::standing_label;
use crate::milestone::public::{Standing, quality_label, standing};
use crate::milestone::store::{ClueTold, Told};
use crate::milestone::{self, MilestoneFact};
use crate::period::{Day, Precision};

/// The section of a project's page.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PublicInfo {
    /// What is said, by whom; none while nothing is collected.
    pub table: Option<Table>,
    /// What it does not say.
    pub note: String,
}

/// What is not collected is not what did not happen.
const NOTE: &str = "本台账未收录此后的公开信息，不代表没有进展。网址只作出处，不作链接。";
/// The same where nothing is shown at all: after the plan.
const NOTHING: &str = "本台账未收录此后的公开信息，不代表没有进展。";

/// What public sources say of a project. Who has not signed in sees no lead before it is confirmed.
pub fn build(conn: &mut AnyConnection, asked: &Asked, project: i64, told: &[Told]) -> Result<PublicInfo> {
    let mut rows = Vec::new();
    for (milestone, facts) in told {
        for fact in facts.iter().filter(|fact| !fact.source_quality.is_empty()) {
            rows.push((fact.happens_on, of_fact(conn, asked, &milestone.name, fact)?));
        }
    }
    for (clue, answer) in milestone::store::list_clues(conn, Some(project), asked.known.seq)? {
        if is_seen(asked, &(clue.clone(), answer.clone())) {
            rows.push((clue.happens_on, of_clue(asked, &(clue, answer))?));
        }
    }
    rows.sort_by_key(|(on, _)| *on);
    if rows.is_empty() {
        return Ok(PublicInfo { table: None, note: NOTHING.into() });
    }
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let table = Table {
        id: "public-info".into(),
        caption: "公开信息，照录".into(),
        columns: vec![
            column("公开信息", Kind::Name, true),
            column("时间", Kind::Date, true),
            column("状态", Kind::Status, true),
            column("网址", Kind::Prose, false),
        ],
        ..Table::default()
    };
    let table = table.with_rows(rows.into_iter().map(|(_, row)| row).collect());
    Ok(PublicInfo { table: Some(table), note: NOTE.into() })
}

/// Whether a reader sees a clue: published by the page's day, and no lead for the public.
fn is_seen(asked: &Asked, (clue, answer): &ClueTold) -> bool {
    if clue.published_on.is_some_and(|on| on > asked.as_of.raw()) {
        return false;
    }
    match standing(clue, answer.as_ref()) {
        // A confirmed one stands as a milestone's fact, with its source.
        Standing::Confirmed => false,
        Standing::Planned => true,
        Standing::Lead | Standing::Dismissed => asked.reader.sight != Sight::Published,
    }
}

fn of_fact(conn: &mut AnyConnection, asked: &Asked, name: &str, fact: &MilestoneFact) -> Result<Row> {
    let document = match fact.document_id {
        Some(id) => documents::find(conn, id)?,
        None => None,
    };
    let quality = quality_label(&fact.source_quality);
    let (source, href) = match document {
        Some(document) => {
            let path = super::ledger_table::document_path(&document.code);
            (format!("{}，{quality}。节点：{name}", document.title), Some(asked.link(&path, &[])))
        }
        None => (format!("{quality}。节点：{name}"), None),
    };
    let on = Precision::parse(&fact.precision)?.render(Day::from_raw(fact.happens_on)?);
    Ok(Row::from(vec![
        Cell { href, ..Cell::text(fact.evidence.as_str()).with_note(source) },
        Cell::text(on),
        Cell::mark(Mark::new(MarkKind::Confirmed, "已计入节点")),
        Cell::text(fact.source_url.as_str()),
    ]))
}

fn of_clue(asked: &Asked, (clue, answer): &ClueTold) -> Result<Row> {
    let standing = standing(clue, answer.as_ref());
    let kind = match standing {
        Standing::Lead => MarkKind::Inferred,
        Standing::Planned => MarkKind::Plain,
        Standing::Confirmed => MarkKind::Confirmed,
        Standing::Dismissed => MarkKind::Open,
    };
    let mut source = vec![match clue.publisher.as_str() {
        "" => "发布者未录".to_owned(),
        publisher => publisher.to_owned(),
    }];
    if !clue.source_title.is_empty() {
        source.push(format!("《{}》", clue.source_title));
    }
    if let Some(on) = clue.published_on {
        source.push(Precision::parse(&clue.published_precision)?.render(Day::from_raw(on)?));
    }
    source.push(quality_label(&clue.source_quality).to_owned());
    let note = if clue.note.is_empty() { String::new() } else { format!("。{}", clue.note) };
    let on = Precision::parse(&clue.precision)?.render(Day::from_raw(clue.happens_on)?);
    Ok(Row::from(vec![
        Cell::text(clue.text.as_str()).with_note(format!("{}{note}", source.join("，"))),
        Cell::text(on),
        match answer.is_none() && asked.reader.may(Action::Confirm) {
            true => Cell::link("确认", format!("/clues/{}/confirm", clue.id))
                .with_more(Link::new("不采信", format!("/clues/{}/dismiss", clue.id)))
                .with_mark(Mark::new(kind, standing_label(standing))),
            false => Cell::mark(Mark::new(kind, standing_label(standing))),
        },
        Cell::text(clue.source_url.as_str()),
    ]))
}
