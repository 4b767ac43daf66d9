//! From what was typed or sent, all of it text, to what a command takes. Every fault is found at
//! once, each at its field.

use serde_json::Value as Json;

use crate::document::Citation;
use crate::error::{Error, Fault, Result};
use crate::ledger::Kind;
use crate::ledger::command::{How, Late, NewEntry, NewReversal, Paired};
use crate::ledger::transfer::{Line, NewTransfer};
use crate::measure::Measure;
use crate::money::{Fen, Unit};
use crate::period::{Day, Precision, Year};
use crate::report::form::Filled;
use crate::report::money::{MAX_ROWS, TypedEntry, TypedTransfer, is_used};

/// Named texts; what was left empty is not there.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, String)>);

/// Faults found so far.
#[derive(Debug, Default)]
struct Faults {
    found: Vec<Fault>,
    other: Option<Error>,
}

impl Faults {
    fn keep<T>(&mut self, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => return Some(value),
            Err(Error::Invalid(faults)) => self.found.extend(faults),
            Err(other) => self.other = self.other.take().or(Some(other)),
        }
        None
    }

    /// The value, when nothing was wrong anywhere.
    fn end<T>(self, value: Option<T>) -> Result<T> {
        match (self.other, value) {
            (Some(other), _) => Err(other),
            (None, Some(value)) if self.found.is_empty() => Ok(value),
            (None, _) => Err(Error::Invalid(self.found)),
        }
    }
}

fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

fn unknown(name: &str, value: &str, known: &[&str]) -> Fault {
    let message = format!("没有这一项；可用 {}", known.join("、"));
    Fault { field: shown(name), value: shown(value), message }
}

impl Fields {
    /// The fields of a form.
    ///
    /// # Errors
    /// Names fields that are not known or given twice.
    pub(super) fn of_pairs(pairs: &[(String, String)], known: impl Fn(&str) -> bool) -> Result<Fields> {
        let mut faults = Faults::default();
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in pairs {
            if !known(name) {
                faults.found.push(Fault { field: shown(name), value: shown(value), message: "没有这一项".into() });
            } else if fields.iter().any(|(other, _)| other == name) {
                faults.found.push(Fault { field: shown(name), value: shown(value), message: "只能给一次".into() });
            } else {
                fields.push((name.clone(), value.trim().to_owned()));
            }
        }
        fields.retain(|(_, value)| !value.is_empty());
        faults.end(Some(Fields(fields)))
    }

    /// The fields of a JSON object. Texts are texts; a year may be a number, a mark true or false.
    ///
    /// # Errors
    /// Names, as pointers below `at`, fields that are not known or of another type.
    pub(super) fn of_json(json: &Json, at: &str, known: &[&str]) -> Result<Fields> {
        let Json::Object(object) = json else {
            return Err(Error::invalid(at, shown(&json.to_string()), "要写成 JSON 对象 {…}"));
        };
        let mut faults = Faults::default();
        let mut fields = Vec::new();
        for (name, value) in object {
            let field = format!("{at}/{name}");
            let text = match value {
                _ if !known.contains(&name.as_str()) => {
                    faults.found.push(Fault { field, ..unknown(name, &value.to_string(), known) });
                    continue;
                }
                Json::Null => continue,
                Json::String(text) => text.clone(),
                Json::Number(year) if name == "year" => year.to_string(),
                Json::Bool(mark) if name == "is_estimate" || name == "late" => (if *mark { "yes" } else { "" }).into(),
                other => {
                    let message = match name.as_str() {
                        "is_estimate" | "late" => "要写成 true 或 false",
                        "year" => "要写成整数，如 2025",
                        "amount" => "金额要写成文字，以元计，如 \"1250000.00\"",
                        _ => "要写成文字，加引号",
                    };
                    faults.found.push(Fault { field, value: shown(&other.to_string()), message: message.into() });
                    continue;
                }
            };
            fields.push((name.clone(), text));
        }
        fields.retain(|(_, value): &(String, String)| !value.is_empty());
        faults.end(Some(Fields(fields)))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn need(&self, name: &str) -> Result<&str> {
        self.get(name).ok_or_else(|| Error::invalid(name, "", "要填"))
    }

    fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// The fields of a form's row under their own names.
    fn row(&self, row: usize) -> Fields {
        let end = format!("_{row}");
        let own = self.0.iter().filter_map(|(name, value)| Some((name.strip_suffix(&end)?.to_owned(), value.clone())));
        Fields(own.collect())
    }

    fn filled(&self) -> Filled {
        Filled { values: self.0.clone(), error: None }
    }
}

/// The fields of an entry.
pub(super) const ENTRY: [&str; 13] = [
    "project",
    "measure",
    "kind",
    "year",
    "source",
    "amount",
    "occurred_on",
    "reason",
    "is_estimate",
    "note",
    "document",
    "document_title",
    "document_issuer",
];
/// What a form's entry has beside them, and the API too but for the first three.
pub(super) const BESIDE: [&str; 6] = ["step", "seen", "unit", "document_date", "late", "paired"];

/// The fields of a transfer that are not of its rows.
pub(super) const TRANSFER: [&str; 7] =
    ["measure", "occurred_on", "reason", "document", "document_title", "document_issuer", "document_date"];
/// Those of a row.
pub(super) const ROW: [&str; 5] = ["way", "project", "year", "source", "amount"];
/// Those of a line in the API.
pub(super) const LINE: [&str; 5] = ["project", "measure", "year", "source", "amount"];

/// Whether a transfer's form has a field of that name.
pub(super) fn is_of_transfer(name: &str) -> bool {
    let of_row = || {
        let (field, row) = name.rsplit_once('_')?;
        Some(ROW.contains(&field) && row.parse().is_ok_and(|row: usize| (1..=MAX_ROWS).contains(&row)))
    };
    TRANSFER.contains(&name) || ["step", "seen", "unit", "rows"].contains(&name) || of_row() == Some(true)
}

/// How an entry is recorded: what is marked as late may lie in a locked month, and a payment by the treasury
/// brings its receipt along unless it is said not to.
pub(super) fn how(fields: &Fields) -> Result<How> {
    let late = if fields.get("late").is_some() { Late::Posted } else { Late::Refused };
    let paired = match fields.get("paired") {
        None | Some("auto") => Paired::BySource,
        Some("yes") => Paired::Yes,
        Some("no") => Paired::No,
        Some(other) => {
            return Err(Error::invalid("paired", shown(other), "可用 auto（按资金来源）、yes（是）、no（否）"));
        }
    };
    Ok(How { late, paired })
}

/// An entry. Without a field `unit` amounts are in yuan.
pub(super) fn entry(fields: &Fields) -> Result<TypedEntry> {
    let mut faults = Faults::default();
    let project = faults.keep(fields.need("project").map(str::to_owned));
    let measure = faults.keep(fields.need("measure").and_then(Measure::parse));
    let kind = faults.keep(Kind::parse(fields.get("kind").unwrap_or("original")));
    let year = faults.keep(year(fields));
    let unit = faults.keep(unit(fields));
    let amount = unit.and_then(|unit| faults.keep(fields.need("amount").and_then(|text| amount(text, unit))));
    let occurred_on = faults.keep(day(fields, "occurred_on"));
    let document = faults.keep(citation(fields));
    let typed = (|| {
        let new = NewEntry {
            project: project?,
            measure: measure?,
            kind: kind?,
            year: year?,
            source: fields.get("source").map(str::to_owned),
            amount: amount?,
            occurred_on: occurred_on?,
            reason: fields.text("reason"),
            is_estimate: fields.get("is_estimate").is_some(),
            note: fields.text("note"),
        };
        Some(TypedEntry { new, document: document? })
    })();
    faults.end(typed)
}

/// A transfer typed row by row: amounts are positive, the direction says out or in.
///
/// # Errors
/// Each at the row's own field (`amount_2`).
pub(super) fn transfer_rows(fields: &Fields) -> Result<TypedTransfer> {
    let mut faults = Faults::default();
    let measure = faults.keep(fields.need("measure").and_then(Measure::parse));
    let unit = faults.keep(unit(fields)).unwrap_or_default();
    let mut lines = Vec::new();
    let mut numbers = Vec::new();
    let filled = fields.filled();
    for number in (1..=MAX_ROWS).filter(|row| is_used(&filled, *row)) {
        let row = fields.row(number);
        let at = |name: &str, error: Error| error.of(&format!("{name}_{number}"));
        let project = faults.keep(row.need("project").map(str::to_owned).map_err(|error| at("project", error)));
        let year = faults.keep(year(&row).map_err(|error| at("year", error)));
        let amount = row.need("amount").and_then(|text| amount(text, unit)).and_then(|fen| signed(row.get("way"), fen));
        let amount = faults.keep(amount.map_err(|error| at("amount", error)));
        if let (Some(project), Some(measure), Some(year), Some(amount)) = (project, measure, year, amount) {
            lines.push(Line { project, measure, year, source: row.get("source").map(str::to_owned), amount });
            numbers.push(number);
        }
    }
    let complete = faults.found.is_empty();
    let typed = transfer(fields, lines, &mut faults);
    if complete && let Some(typed) = &typed {
        let checked = crate::ledger::transfer::check_lines(&typed.new.lines);
        faults.keep(checked.map_err(|error| at_rows(error, &numbers)));
    }
    faults.end(typed)
}

/// A transfer as the API sends it.
///
/// # Errors
/// As pointers: `/lines/0/amount`.
pub(super) fn transfer_json(json: &Json) -> Result<TypedTransfer> {
    let mut top = json.clone();
    let lines = top.as_object_mut().and_then(|object| object.remove("lines"));
    let mut faults = Faults::default();
    let known: Vec<&str> = TRANSFER.iter().filter(|name| **name != "measure").copied().collect();
    let fields = Fields::of_json(&top, "", &known)?;
    let Some(Json::Array(sent)) = lines else {
        return Err(Error::invalid("lines", "", "要写成数组，至少两行"));
    };
    let mut lines = Vec::new();
    for (at, line) in sent.iter().enumerate() {
        let at = format!("/lines/{at}");
        let Some(row) = faults.keep(Fields::of_json(line, &at, &LINE)) else { continue };
        lines.extend(faults.keep(line_of(&row, &at)));
    }
    let complete = faults.found.is_empty();
    let typed = transfer(&fields, lines, &mut faults);
    if complete && let Some(typed) = &typed {
        faults.keep(crate::ledger::transfer::check_lines(&typed.new.lines));
    }
    faults.end(typed)
}

fn line_of(row: &Fields, at: &str) -> Result<Line> {
    let mut faults = Faults::default();
    let below = |error: Error| match error {
        Error::Invalid(faults) => Error::Invalid(
            faults.into_iter().map(|fault| Fault { field: format!("{at}/{}", fault.field), ..fault }).collect(),
        ),
        other => other,
    };
    let project = faults.keep(row.need("project").map(str::to_owned).map_err(below));
    let measure = faults.keep(row.need("measure").and_then(Measure::parse).map_err(below));
    let year = faults.keep(year(row).map_err(below));
    let amount = faults.keep(row.need("amount").and_then(|text| amount(text, Unit::Yuan)).map_err(below));
    let source = row.get("source").map(str::to_owned);
    let line = (|| Some(Line { project: project?, measure: measure?, year: year?, source, amount: amount? }))();
    faults.end(line)
}

fn transfer(fields: &Fields, lines: Vec<Line>, faults: &mut Faults) -> Option<TypedTransfer> {
    let occurred_on = faults.keep(day(fields, "occurred_on"));
    let reason = faults.keep(fields.need("reason").map(str::to_owned));
    let document = faults.keep(citation(fields));
    Some(TypedTransfer { new: NewTransfer { lines, occurred_on: occurred_on?, reason: reason? }, document: document? })
}

/// The faults of lines said of the rows they were typed in.
fn at_rows(error: Error, numbers: &[usize]) -> Error {
    let Error::Invalid(faults) = error else { return error };
    let renamed = faults.into_iter().map(|fault| {
        let parts: Vec<&str> = fault.field.split('/').collect();
        let field = match parts.as_slice() {
            ["lines", at, name] => {
                at.parse().ok().and_then(|at: usize| numbers.get(at)).map(|row| format!("{name}_{row}"))
            }
            _ => None,
        };
        Fault { field: field.unwrap_or_else(|| "各行".into()), ..fault }
    });
    Error::Invalid(renamed.collect())
}

/// A reversal: of which entry, when, why, by which document.
pub(super) fn reversal(id: i64, fields: &Fields) -> Result<(NewReversal, Option<Citation>)> {
    let mut faults = Faults::default();
    let reason = faults.keep(fields.need("reason").map(str::to_owned));
    let on = match fields.get("occurred_on") {
        None => Some(None),
        Some(_) => faults.keep(day(fields, "occurred_on")).map(Some),
    };
    let document = fields.get("document").map(bare);
    let reversal = (|| Some((NewReversal { id, on: on?, reason: reason? }, document)))();
    faults.end(reversal)
}

fn bare(code: &str) -> Citation {
    Citation { code: code.into(), title: None, issuer: None, dated: None }
}

fn citation(fields: &Fields) -> Result<Citation> {
    let dated = fields.get("document_date").map(Precision::parse_date).transpose();
    Ok(Citation {
        code: fields.need("document")?.to_owned(),
        title: fields.get("document_title").map(str::to_owned),
        issuer: fields.get("document_issuer").map(str::to_owned),
        dated: dated.map_err(|error| error.of("document_date"))?,
    })
}

fn day(fields: &Fields, name: &str) -> Result<Day> {
    fields.need(name).and_then(|text| Day::parse(text).map_err(|error| error.of(name)))
}

fn year(fields: &Fields) -> Result<Option<Year>> {
    fields.get("year").map(Year::parse).transpose().map_err(|error| error.of("year"))
}

fn unit(fields: &Fields) -> Result<Unit> {
    match fields.get("unit") {
        None | Some("yuan") => Ok(Unit::Yuan),
        Some("wan") => Ok(Unit::Wan),
        Some(other) => Err(Error::invalid("unit", shown(other), "可用 wan（万元）、yuan（元）")),
    }
}

fn amount(text: &str, unit: Unit) -> Result<Fen> {
    if unit == Unit::Wan { Fen::parse_wan(text) } else { Fen::parse_yuan(text) }
}

/// What goes out is negative; who types a sign as well has said it twice.
fn signed(way: Option<&str>, amount: Fen) -> Result<Fen> {
    if amount < Fen::ZERO {
        return Err(Error::invalid("amount", amount.yuan(), "金额写正数，用「调出」「调入」表示方向"));
    }
    match way {
        Some("out") => amount.checked_neg(),
        Some("in") => Ok(amount),
        _ => Err(Error::invalid("amount", "", "要选调出或调入")),
    }
}
