//! `milestones.csv`: what public sources say of the projects.

use std::path::Path;

use super::sheet::{Faults, Files, Row, Sheet};
use crate::error::Result;
use crate::milestone::STANDARD;
use crate::milestone::public::{Quality, Statement};
use crate::period::{Day, Precision};

const FILE: &str = "milestones.csv";
const COLUMNS: [&str; 13] = [
    "project",
    "milestone",
    "name",
    "claim",
    "on",
    "text",
    "source",
    "source_title",
    "publisher",
    "published",
    "url",
    "quality",
    "note",
];

/// The public statements of a file, for a register already in use; without one, those compiled in.
pub fn read_statements(path: Option<&Path>) -> Result<Vec<Statement>> {
    let mut faults = Faults::default();
    let rows = match path {
        None => statements(&Files::Embedded, None, &mut faults),
        Some(path) => {
            let folder = path.parent().map_or_else(|| ".".into(), Path::to_owned);
            let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            sheet(&Files::Folder(folder), &name, None, &mut faults)
        }
    };
    faults.into_result().map(|()| rows)
}

/// A plan's public statements; a folder without the file has none.
pub(super) fn statements(files: &Files, projects: Option<&[String]>, faults: &mut Faults) -> Vec<Statement> {
    match files.has(FILE) {
        true => sheet(files, FILE, projects, faults),
        false => Vec::new(),
    }
}

fn sheet(files: &Files, file: &str, projects: Option<&[String]>, faults: &mut Faults) -> Vec<Statement> {
    let sheet = Sheet::read(files, file, &COLUMNS, &[], faults);
    sheet.rows().map(|row| statement(row, projects, faults)).collect()
}

fn statement(row: Row<'_>, projects: Option<&[String]>, faults: &mut Faults) -> Statement {
    let happened = match row.raw("claim") {
        "actual" => true,
        "planned" => false,
        _ => {
            faults.add(row.fault("claim", "可用 actual（已发生）、planned（计划表述）"));
            false
        }
    };
    let quality = Quality::parse(row.raw("quality")).unwrap_or_else(|| {
        faults.add(row.fault("quality", "可用 official（官方发布）、media（媒体首发）、reprint（转载）"));
        Quality::Reprint
    });
    let milestone = row.optional("milestone", 16, faults);
    let name = row.optional("name", 60, faults);
    let is_standard = STANDARD.iter().any(|(code, ..)| *code == milestone);
    if !milestone.is_empty() && !is_standard && name.is_empty() {
        faults.add(row.fault("name", "自定节点要写名称；标准节点为 N1–N10、S1–S4"));
    }
    if milestone.is_empty() && happened && quality != Quality::Reprint {
        faults.add(row.fault("milestone", "官方或媒体说已发生的，要写是哪个节点"));
    }
    let url = row.text("url", 500, faults);
    if !url.is_empty() && !["http://", "https://"].iter().any(|start| url.starts_with(start)) {
        faults.add(row.fault("url", "不是网址；以 http:// 或 https:// 开头"));
    }
    Statement {
        project: match projects {
            Some(known) => row.reference("project", known, "projects.csv", faults),
            None => row.text("project", 64, faults),
        },
        milestone,
        name,
        happened,
        on: date(row, "on", faults).unwrap_or((Day::from_naive(chrono::NaiveDate::default()), Precision::Day)),
        text: row.text("text", 400, faults),
        source: row.text("source", 64, faults),
        source_title: row.optional("source_title", 200, faults),
        publisher: row.optional("publisher", 100, faults),
        published: (!row.raw("published").is_empty()).then(|| date(row, "published", faults)).flatten(),
        url,
        quality,
        note: row.optional("note", 400, faults),
    }
}

fn date(row: Row<'_>, column: &str, faults: &mut Faults) -> Option<(Day, Precision)> {
    match Precision::parse_date(row.raw(column)) {
        Ok(date) => Some(date),
        Err(_) => {
            faults.add(row.fault(column, "不是日期；写成 2025-09-26、2025-09、2025Q3 或 2025"));
            None
        }
    }
}
