//! The files of a plan, checked against one another and against the plan's own text.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::sheet::{Faults, Files, Row, Sheet};
use super::{
    Category, Claim, Department, IndicatorRow, Inference, Line, Plan, PlanDocument, ProjectRow, Remark, Source,
};
use crate::error::{Error, Fault, Result};
use crate::journal::chain::hex;
use crate::money::Fen;
use crate::period::{Day, Precision, YEARS};
use crate::project::{Attribute, check_code, check_value};

/// The text columns of `indicators.csv`, in the order of the table.
pub const INDICATOR_TEXTS: [&str; 19] = [
    "domain",
    "task",
    "name",
    "sub_name",
    "display_name",
    "unit",
    "criterion",
    "baseline_2022",
    "target_2025",
    "target_2035",
    "attribute",
    "type_2025",
    "op_2025",
    "value_2025",
    "type_2035",
    "op_2035",
    "value_2035",
    "baseline_value",
    "rule",
];

/// A name fits a table cell; a content a paragraph; a line of the plan a page.
const NAME: usize = 100;
const CONTENT: usize = 2_000;
const LINE: usize = 5_000;

pub(super) fn plan(files: &Files) -> Result<Plan> {
    let mut faults = Faults::default();
    let (document, text) = document(files, &mut faults);
    let lines = lines(files, text.as_deref(), &mut faults);
    let line_codes: Vec<String> = lines.iter().map(|line| line.code.clone()).collect();
    let categories = categories(files, &mut faults);
    let departments = departments(files, &mut faults);
    let sources = sources(files, &mut faults);
    let projects = projects(files, "projects.csv", &["line"], &[], Some(&lines), &mut faults);
    let project_codes: Vec<String> = projects.iter().map(|project| project.code.clone()).collect();
    let inferences = inferences(files, &project_codes, &categories, &departments, &mut faults);
    let indicators = indicators(files, &line_codes, &lines, &mut faults);
    let findings = findings(files, &line_codes, &project_codes, &indicators, &document.code, &mut faults);
    let statements = super::public::statements(files, Some(&project_codes), &mut faults);
    let (claimed_at, assertions): (Vec<u64>, Vec<Claim>) =
        assertions(files, &line_codes, &mut faults).into_iter().unzip();
    let plan = Plan {
        document,
        lines,
        assertions,
        categories,
        departments,
        sources,
        projects,
        inferences,
        indicators,
        findings,
        statements,
    };
    if faults.is_empty() {
        check_claims(&plan, &claimed_at, &mut faults);
    }
    faults.into_result().map(|()| plan)
}

/// Projects of a later document: `projects.csv` without plan lines, with 体系 and 责任部门 where it states them.
pub fn read_projects(path: &Path) -> Result<Vec<ProjectRow>> {
    let mut faults = Faults::default();
    let folder = path.parent().map_or_else(|| ".".into(), Path::to_owned);
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let rows =
        projects(&Files::Folder(folder), &name, &[], &["line", "category", "lead_department"], None, &mut faults);
    faults.into_result().map(|()| rows)
}

fn document(files: &Files, faults: &mut Faults) -> (PlanDocument, Option<String>) {
    let columns = ["code", "title", "issuer", "number", "dated", "source_file", "sha256"];
    let before = faults.count();
    let sheet = Sheet::read(files, "plan.csv", &columns, &[], faults);
    let mut document = PlanDocument {
        code: String::new(),
        title: String::new(),
        issuer: String::new(),
        number: String::new(),
        dated: (Day::from_naive(chrono::NaiveDate::default()), Precision::Day),
        sha256: String::new(),
    };
    let Some(row) = sheet.rows().next() else {
        if faults.count() == before {
            let message = "要有一行：规划本身".into();
            faults.add(Fault { field: "plan.csv".into(), value: String::new(), message });
        }
        return (document, None);
    };
    if let Some(second) = sheet.rows().nth(1) {
        faults.add(second.fault("code", "只能有一行：规划本身"));
    }
    match Precision::parse_date(row.raw("dated")) {
        Ok(dated) => document.dated = dated,
        Err(_) => faults.add(row.fault("dated", "不是日期；写成 2023-07 或 2023-07-01")),
    }
    document.code = row.text("code", 64, faults);
    document.title = row.text("title", 200, faults);
    document.issuer = row.text("issuer", 200, faults);
    document.number = row.optional("number", 100, faults);
    document.sha256 = row.text("sha256", 64, faults);
    let file = row.raw("source_file");
    if Path::new(file).components().any(|part| !matches!(part, std::path::Component::Normal(_))) {
        faults.add(row.fault("source_file", "只能是本文件夹里的文件"));
        return (document, None);
    }
    let text = files.text(file, faults);
    if let Some(text) = &text {
        let actual = hex(&Sha256::digest(text));
        if actual != document.sha256 {
            faults
                .add(row.fault("sha256", format!("与 {file} 的内容不符，实为 {actual}；原文被改动过，或应更新这一格")));
        }
    }
    (document, text)
}

fn lines(files: &Files, source: Option<&str>, faults: &mut Faults) -> Vec<Line> {
    let sheet = Sheet::read(files, "lines.csv", &["code", "section", "row_no", "pieces", "text"], &[], faults);
    let source: Option<HashSet<&str>> = source.map(|text| text.lines().collect());
    let mut seen = HashMap::new();
    sheet
        .rows()
        .map(|row| {
            let text = row.text("text", LINE, faults);
            let pieces = row.number("pieces", 1..=2, faults);
            if source.as_ref().is_some_and(|source| !stands_in(source, &text, pieces)) {
                faults.add(row.fault(
                    "text",
                    "与规划原文不符；逐字照抄原文的这一行（表格以制表符分格），跨页断开的行 pieces 写 2",
                ));
            }
            Line {
                code: row.unique("code", &mut seen, faults),
                section: row.text("section", 40, faults),
                row_no: (!row.raw("row_no").is_empty()).then(|| row.number("row_no", 1..=1_000_000, faults)),
                text,
            }
        })
        .collect()
}

/// Whether a line is in the source word for word; of two pieces, whether some row and a row whose
/// first cell is empty give it when joined cell by cell.
fn stands_in(source: &HashSet<&str>, text: &str, pieces: i32) -> bool {
    if pieces == 1 {
        return source.contains(text);
    }
    let cells: Vec<&str> = text.split('\t').collect();
    source.iter().filter(|row| row.split('\t').next() == cells.first().copied()).any(|first| {
        source.iter().filter(|row| row.starts_with('\t')).any(|second| {
            let mut rest = second.split('\t');
            let joined: Vec<String> =
                first.split('\t').map(|cell| format!("{cell}{}", rest.next().unwrap_or_default())).collect();
            joined == cells
        })
    })
}

fn categories(files: &Files, faults: &mut Faults) -> Vec<Category> {
    let sheet = Sheet::read(files, "categories.csv", &["slug", "name", "position"], &[], faults);
    let mut seen = HashMap::new();
    sheet
        .rows()
        .map(|row| Category {
            slug: slug(row, "slug", &mut seen, faults),
            name: row.text("name", NAME, faults),
            position: row.number("position", 0..=10_000, faults),
        })
        .collect()
}

/// A code that stands in a URL.
fn slug(row: Row<'_>, column: &str, seen: &mut HashMap<String, u64>, faults: &mut Faults) -> String {
    let code = row.unique(column, seen, faults);
    if code == crate::rollup::NONE || !code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        faults.add(row.fault(column, "只用字母、数字、连字符，且不能是 none"));
    }
    code
}

fn departments(files: &Files, faults: &mut Faults) -> Vec<Department> {
    let sheet = Sheet::read(files, "departments.csv", &["code", "name", "note"], &[], faults);
    let mut seen = HashMap::new();
    sheet
        .rows()
        .map(|row| Department {
            code: slug(row, "code", &mut seen, faults),
            name: row.text("name", NAME, faults),
            note: row.optional("note", 500, faults),
        })
        .collect()
}

fn sources(files: &Files, faults: &mut Faults) -> Vec<Source> {
    let sheet = Sheet::read(files, "sources.csv", &["code", "name", "position", "note"], &[], faults);
    let mut seen = HashMap::new();
    sheet
        .rows()
        .map(|row| Source {
            code: slug(row, "code", &mut seen, faults),
            name: row.text("name", NAME, faults),
            position: row.number("position", 0..=10_000, faults),
            note: row.optional("note", 500, faults),
        })
        .collect()
}

fn projects(
    files: &Files,
    file: &str,
    more: &[&str],
    optional: &[&str],
    lines: Option<&[Line]>,
    faults: &mut Faults,
) -> Vec<ProjectRow> {
    let line_codes: Option<Vec<String>> = lines.map(|lines| lines.iter().map(|line| line.code.clone()).collect());
    let columns: Vec<&str> = ["code", "no", "name", "content", "start_year", "end_year", "amount_wan"]
        .into_iter()
        .chain(more.iter().copied())
        .collect();
    let sheet = Sheet::read(files, file, &columns, optional, faults);
    let mut seen = HashMap::new();
    sheet
        .rows()
        .map(|row| {
            let before = faults.count();
            let code = row.unique("code", &mut seen, faults);
            if let Err(Error::Invalid(own)) = check_code(&code) {
                faults.add(row.fault("code", own.first().map_or("", |fault| fault.message.as_str())));
            }
            let years_from = faults.count();
            let start_year = row.number("start_year", YEARS, faults);
            let end_year = row.number("end_year", YEARS, faults);
            if faults.count() == years_from && end_year < start_year {
                faults.add(row.fault("end_year", format!("早于起始年 {start_year}")));
            }
            let stated = ["category", "lead_department"].into_iter().filter(|column| !row.raw(column).is_empty());
            let project = ProjectRow {
                no: row.number("no", 1..=1_000_000, faults),
                name: row.text("name", NAME, faults),
                content: row.text("content", CONTENT, faults),
                start_year,
                end_year,
                amount: row.wan("amount_wan", faults),
                line: line_codes.as_ref().map(|known| row.reference("line", known, "lines.csv", faults)),
                stated: stated.map(|column| (column.to_owned(), row.raw(column).to_owned())).collect(),
                code,
            };
            // A value that could not be read is told once, not again as differing from the plan's.
            if faults.count() == before {
                check_words(row, &project, lines.unwrap_or_default(), faults);
            }
            project
        })
        .collect()
}

/// A project's words and figures are those of its line: name, content, years and amount.
fn check_words(row: Row<'_>, project: &ProjectRow, lines: &[Line], faults: &mut Faults) {
    let Some(line) = lines.iter().find(|line| Some(&line.code) == project.line.as_ref()) else { return };
    let cells: Vec<&str> = line.text.split('\t').map(str::trim).collect();
    let words = |words: &str| cells.contains(&words);
    let amount = |amount: Fen| cells.iter().any(|cell| Fen::parse_wan(cell).is_ok_and(|cell| cell == amount));
    let years = format!("{}-{}", project.start_year, project.end_year);
    let checked = [
        ("name", project.name.as_str(), words(&project.name)),
        ("content", project.content.as_str(), words(&project.content)),
        ("start_year、end_year", years.as_str(), words(&years)),
        ("amount_wan", row.raw("amount_wan"), amount(project.amount)),
    ];
    for (column, value, _) in checked.into_iter().filter(|(.., stands)| !stands) {
        let original = line.text.replace('\t', " ｜ ").chars().take(120).collect::<String>();
        faults.add(row.fault_of(column, value, format!("与规划原文 {} 不符：{original}", line.code)));
    }
}

fn inferences(
    files: &Files,
    projects: &[String],
    categories: &[Category],
    departments: &[Department],
    faults: &mut Faults,
) -> Vec<Inference> {
    let sheet =
        Sheet::read(files, "inferences.csv", &["project", "attribute", "value", "basis", "confidence"], &[], faults);
    let slugs: Vec<String> = categories.iter().map(|category| category.slug.clone()).collect();
    let codes: Vec<String> = departments.iter().map(|department| department.code.clone()).collect();
    let mut seen: HashSet<(String, String)> = HashSet::new();
    sheet
        .rows()
        .map(|row| {
            let project = row.reference("project", projects, "projects.csv", faults);
            let attribute = row.text("attribute", 64, faults);
            match attribute.as_str() {
                "category" => drop(row.reference("value", &slugs, "categories.csv", faults)),
                "lead_department" => drop(row.reference("value", &codes, "departments.csv", faults)),
                "support_departments" | "nature" => {
                    let checked =
                        Attribute::parse(&attribute).and_then(|attribute| check_value(attribute, row.raw("value")));
                    if let Err(Error::Invalid(own)) = checked {
                        faults.add(row.fault("value", own.first().map_or("", |fault| fault.message.as_str())));
                    }
                }
                _ => faults.add(row.fault("attribute", "可用 category、lead_department、support_departments、nature")),
            }
            if !seen.insert((project.clone(), attribute.clone())) {
                faults.add(row.fault("attribute", format!("{project} 的这一项已推定过")));
            }
            let confidence = row.text("confidence", 4, faults);
            if !["高", "中高", "中", "中低", "低"].contains(&confidence.as_str()) {
                faults.add(row.fault("confidence", "可用 高、中高、中、中低、低"));
            }
            Inference {
                project,
                attribute,
                value: row.text("value", 200, faults),
                basis: row.text("basis", 500, faults),
                confidence,
            }
        })
        .collect()
}

fn indicators(files: &Files, line_codes: &[String], lines: &[Line], faults: &mut Faults) -> Vec<IndicatorRow> {
    let columns: Vec<&str> =
        ["code", "indicator_no", "sub_no"].into_iter().chain(INDICATOR_TEXTS).chain(["line"]).collect();
    let sheet = Sheet::read(files, "indicators.csv", &columns, &[], faults);
    let mut seen = HashMap::new();
    sheet
        .rows()
        .map(|row| {
            let line = row.reference("line", line_codes, "lines.csv", faults);
            let words = lines.iter().find(|known| known.code == line).map(|line| line.text.as_str());
            for column in ["name", "sub_name", "unit", "criterion", "baseline_2022", "target_2025", "target_2035"] {
                if words.is_some_and(|words| !words.contains(row.raw(column))) {
                    faults.add(row.fault(column, format!("规划原文 {line} 里没有这几个字")));
                }
            }
            IndicatorRow {
                code: row.unique("code", &mut seen, faults),
                indicator_no: row.number("indicator_no", 1..=10_000, faults),
                sub_no: (!row.raw("sub_no").is_empty()).then(|| row.number("sub_no", 1..=100, faults)),
                texts: INDICATOR_TEXTS.iter().map(|column| row.optional(column, 500, faults)).collect(),
                line,
            }
        })
        .collect()
}

fn findings(
    files: &Files,
    lines: &[String],
    projects: &[String],
    indicators: &[IndicatorRow],
    plan: &str,
    faults: &mut Faults,
) -> Vec<Remark> {
    let sheet =
        Sheet::read(files, "findings.csv", &["subject_kind", "subject", "line", "text", "handling"], &[], faults);
    let plans: Vec<String> = (!plan.is_empty()).then(|| plan.to_owned()).into_iter().collect();
    let numbers: Vec<String> = indicators.iter().map(|indicator| indicator.indicator_no.to_string()).collect();
    sheet
        .rows()
        .map(|row| {
            let subject_kind = row.text("subject_kind", 20, faults);
            let subject = match subject_kind.as_str() {
                "project" => row.reference("subject", projects, "projects.csv", faults),
                "indicator" => row.reference("subject", &numbers, "indicators.csv", faults),
                "plan" => row.reference("subject", &plans, "plan.csv", faults),
                _ => {
                    faults.add(row.fault("subject_kind", "可用 project、indicator、plan"));
                    String::new()
                }
            };
            let line = (!row.raw("line").is_empty()).then(|| row.reference("line", lines, "lines.csv", faults));
            Remark {
                subject_kind,
                subject,
                line,
                text: row.text("text", 500, faults),
                handling: row.text("handling", 500, faults),
            }
        })
        .collect()
}

fn assertions(files: &Files, lines: &[String], faults: &mut Faults) -> Vec<(u64, Claim)> {
    let sheet = Sheet::read(files, "assertions.csv", &["line", "section", "kind", "expected", "note"], &[], faults);
    sheet
        .rows()
        .map(|row| {
            let (kind, expected) = match row.raw("kind") {
                "count" => ("count", i64::from(row.number("expected", 0..=1_000_000, faults))),
                "sum_wan" => ("sum_fen", row.wan("expected", faults).get()),
                _ => {
                    faults.add(row.fault("kind", "可用 count、sum_wan"));
                    ("count", 0)
                }
            };
            let claim = Claim {
                line: row.reference("line", lines, "lines.csv", faults),
                section: row.text("section", 40, faults),
                kind: kind.into(),
                expected,
                note: row.optional("note", 500, faults),
            };
            (row.line(), claim)
        })
        .collect()
}

/// The plan's own totals and counts hold for its own lines; `at` says where each claim stands in its file.
fn check_claims(plan: &Plan, at: &[u64], faults: &mut Faults) {
    for (line, claim) in at.iter().zip(&plan.assertions) {
        let in_section = |code: &str| plan.lines.iter().any(|line| line.code == code && line.section == claim.section);
        let counted = match claim.section.as_str() {
            "体系" => plan.categories.len(),
            section => plan.lines.iter().filter(|line| line.section == section && line.row_no.is_some()).count(),
        };
        let amounts = plan
            .projects
            .iter()
            .filter(|project| project.line.as_deref().is_some_and(in_section))
            .map(|project| project.amount);
        let actual = match claim.kind.as_str() {
            "count" => i64::try_from(counted).unwrap_or(i64::MAX),
            _ => amounts.fold(0i64, |sum, amount| sum.saturating_add(amount.get())),
        };
        if actual == claim.expected {
            continue;
        }
        let shown =
            |n: i64| if claim.kind == "count" { n.to_string() } else { format!("{} 万元", Fen::new(n).wan_exact()) };
        faults.add(Fault {
            field: format!("assertions.csv 第 {line} 行 expected"),
            value: shown(claim.expected),
            message: format!(
                "规划自称 {}，{} 逐行{}为 {}，相差 {}",
                shown(claim.expected),
                claim.section,
                if claim.kind == "count" { "点数" } else { "相加" },
                shown(actual),
                shown(actual.saturating_sub(claim.expected))
            ),
        });
    }
}
