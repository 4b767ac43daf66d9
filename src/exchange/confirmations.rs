//! The list that the office reviews: what is thought of each project, and room for what is so.
//! What goes out comes back: the same columns, from a file or pasted from a spreadsheet.

use std::collections::HashMap;

use super::export::Names;
use super::{Table, Value};
use crate::db::AnyConnection;
use crate::document::Citation;
use crate::document::attachment::{Content, File};
use crate::error::{Error, Fault, Result};
use crate::period::{Day, Precision};
use crate::project::confirm::{CONFIRMABLE, NewConfirmation, Reviewed, store as claims};
use crate::project::{Attribute, Status, store};

/// The columns that are read back; others are for people.
const NEEDED: [&str; 4] = ["code", "attribute", "confirmed_value", "document"];
/// Columns that may be there.
const OPTIONAL: [&str; 10] = [
    "name",
    "attribute_name",
    "inferred_value",
    "inferred_name",
    "status",
    "claim",
    "document_title",
    "document_date",
    "effective_on",
    "reason",
];
/// Lines of one list.
const MOST: usize = 10_000;

/// The list: a line for every attribute that is not confirmed.
pub fn table(conn: &mut AnyConnection, as_of: Day, seq: i64) -> Result<Table> {
    let names = Names::load(conn)?;
    let mut said: HashMap<i64, String> = HashMap::new();
    for (claim, _) in claims::list_all_claims(conn, seq, i64::MAX)? {
        // Newest first: the first of a project is its last word.
        let answer = if claim.answer == "accept" { "认领" } else { "异议" };
        let more = [claim.suggested.as_str(), claim.reason.as_str()].join(" ");
        let told = format!("{} {answer} {}", names.department(&claim.department), more.trim());
        said.entry(claim.project_id).or_insert_with(|| told.trim().to_owned());
    }
    let mut table = Table::new(&[
        ("code", "编号"),
        ("name", "工程名称"),
        ("attribute", "事项代码"),
        ("attribute_name", "事项"),
        ("inferred_value", "现值代码"),
        ("inferred_name", "现值"),
        ("status", "状态"),
        ("claim", "部门答复"),
        ("confirmed_value", "确认值"),
        ("document", "依据文号"),
        ("document_date", "文件日期"),
        ("effective_on", "自"),
    ]);
    let mut after = 0;
    loop {
        let states = store::list_states(conn, as_of, seq, after, 1_000)?;
        let Some(last) = states.last() else { break };
        after = last.project.id;
        for state in &states {
            for attribute in CONFIRMABLE {
                let status = state.facts.get(&attribute).map(|standing| standing.status);
                if status == Some(Status::Confirmed) {
                    continue;
                }
                let value = state.value(attribute);
                table.rows.push(vec![
                    Value::from(state.project.code.as_str()),
                    Value::from(state.value(Attribute::Name)),
                    Value::from(attribute.word()),
                    Value::from(attribute.label()),
                    Value::from(value),
                    Value::from(names.value(attribute, value).as_str()),
                    Value::from(status.map_or("", Status::word)),
                    Value::from(said.get(&state.project.id).map_or("", String::as_str)),
                    Value::Null,
                    Value::Null,
                    Value::Null,
                    Value::Null,
                ]);
            }
        }
    }
    Ok(table)
}

/// The text of a list that was handed in as a file, judged by its content: spreadsheets save CSV in
/// UTF-8 or, in China, in GB18030.
///
/// # Errors
/// Says what the file is and what it should be.
pub fn text_of(name: &str, bytes: Vec<u8>) -> Result<String> {
    let file = File::judge(name, bytes)?;
    match file.content() {
        Content::Csv | Content::Text => Ok(String::from_utf8_lossy(file.bytes()).into_owned()),
        Content::ChineseCsv | Content::ChineseText => {
            let (text, is_broken) = encoding_rs::GB18030.decode_without_bom_handling(file.bytes());
            match is_broken {
                false => Ok(text.into_owned()),
                true => Err(Error::invalid("file", name, "文字编码读不通；请另存为 CSV UTF-8")),
            }
        }
        other => {
            let message = format!("按内容看是{}；请把清单另存为 CSV（UTF-8 或 GB18030）", other.label());
            Err(Error::invalid("file", name, message))
        }
    }
}

/// Reads a reviewed list: CSV, or the tab-separated cells that a spreadsheet puts on the clipboard.
/// Lines without a confirmed value are left alone.
///
/// # Errors
/// Every bad line with its column, its value and what is allowed.
pub fn read(text: &str) -> Result<Vec<Reviewed>> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let delimiter = if first.contains('\t') { b'\t' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let bad = |message: String| Error::invalid("list", "", message);
    let columns: Vec<String> = reader
        .headers()
        .map_err(|error| bad(format!("不是 CSV：{error}")))?
        .iter()
        .map(|cell| cell.trim().to_owned())
        .collect();
    check_columns(&columns)?;
    let (mut list, mut faults) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(|error| bad(format!("读不下去：{error}")))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |column: &str| {
            let at = columns.iter().position(|known| known == column);
            at.and_then(|at| record.get(at)).unwrap_or_default().trim().to_owned()
        };
        if cell("confirmed_value").is_empty() {
            continue;
        }
        if list.len() >= MOST {
            return Err(bad(format!("超过 {MOST} 行；请分成几份")));
        }
        match row(&cell, columns.iter().any(|column| column == "inferred_value")) {
            Ok(new) => list.push(Reviewed { line, new }),
            Err(Error::Invalid(own)) => {
                let field = |column: &str| format!("第 {line} 行 {column}");
                faults.extend(own.into_iter().map(|fault| Fault { field: field(&fault.field), ..fault }));
            }
            Err(other) => return Err(other),
        }
    }
    match faults.is_empty() {
        true => Ok(list),
        false => Err(Error::Invalid(faults)),
    }
}

fn check_columns(columns: &[String]) -> Result<()> {
    let allowed = || NEEDED.iter().chain(&OPTIONAL).copied().collect::<Vec<_>>().join(",");
    let mut faults = Vec::new();
    for column in NEEDED.iter().filter(|column| !columns.iter().any(|known| known == *column)) {
        let message = format!("缺少这一列；第一行是列名，各列为 {}", allowed());
        faults.push(Fault { field: "第 1 行".into(), value: (*column).into(), message });
    }
    for (at, column) in columns.iter().enumerate() {
        if !NEEDED.iter().chain(&OPTIONAL).any(|known| known == column) {
            let message = format!("不认识的列；各列为 {}", allowed());
            faults.push(Fault { field: "第 1 行".into(), value: column.chars().take(60).collect(), message });
        } else if columns.iter().take(at).any(|other| other == column) {
            faults.push(Fault { field: "第 1 行".into(), value: column.clone(), message: "列名重复".into() });
        }
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(faults)),
    }
}

fn row(cell: &dyn Fn(&str) -> String, tells_seen: bool) -> Result<NewConfirmation> {
    let date = |column: &str| {
        let text = cell(column);
        match text.is_empty() {
            true => Ok(None),
            false => Precision::parse_date(&text).map(Some).map_err(|error| error.of(column)),
        }
    };
    let document = cell("document");
    if document.is_empty() {
        return Err(Error::invalid("document", "", "要写依据的文号"));
    }
    let title = Some(cell("document_title")).filter(|title| !title.is_empty());
    Ok(NewConfirmation {
        code: cell("code"),
        attribute: Attribute::parse(&cell("attribute"))?,
        value: cell("confirmed_value"),
        seen: tells_seen.then(|| cell("inferred_value")),
        effective_on: date("effective_on")?,
        document: Citation { code: document, title, issuer: None, dated: date("document_date")? },
        reason: cell("reason"),
    })
}
