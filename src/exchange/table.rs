//! A table on its way out, and the forms it can take.

use serde_json::{Map, Value as Json, json};

use crate::error::{Error, Result};
use crate::money::{Fen, Unit};
use crate::subtotal::Sum;

/// A form a table can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned text for a terminal.
    Table,
    /// Comma-separated values for spreadsheets.
    Csv,
    /// JSON for machines.
    Json,
}

impl Format {
    /// The format of a word.
    pub fn parse(word: &str) -> Result<Format> {
        match word {
            "table" => Ok(Format::Table),
            "csv" => Ok(Format::Csv),
            "json" => Ok(Format::Json),
            _ => Err(Error::invalid("format", word, "可用 table、csv、json")),
        }
    }
}

/// A column: its key in files, its name for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The key; money columns get their unit appended (`investment_wan`).
    pub key: String,
    /// The name on a terminal.
    pub label: String,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing recorded.
    Null,
    /// Words.
    Text(String),
    /// A count or a year.
    Number(i64),
    /// Money.
    Money(Fen),
}

impl From<Sum> for Value {
    /// A sum of no entries is nothing, not zero.
    fn from(sum: Sum) -> Value {
        if sum.n == 0 { Value::Null } else { Value::Money(Fen::new(sum.fen)) }
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Value {
        number.map_or(Value::Null, Value::Number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        if text.is_empty() { Value::Null } else { Value::Text(text.to_owned()) }
    }
}

/// A table: columns and rows of as many cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// An empty table of these columns (key, label).
    pub fn new(columns: &[(&str, &str)]) -> Table {
        let columns =
            columns.iter().map(|(key, label)| Column { key: (*key).into(), label: (*label).into() }).collect();
        Table { columns, rows: Vec::new() }
    }

    /// CSV with a byte-order mark (Excel then reads UTF-8) and money in 万元, exact.
    pub fn to_csv(&self) -> Result<String> {
        let failed = |error: csv::Error| Error::internal("生成 CSV 失败", error.to_string());
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        writer
            .write_record(self.columns.iter().enumerate().map(|(at, column)| self.csv_key(at, column)))
            .map_err(failed)?;
        let mut bytes = writer.into_inner().map_err(|error| Error::internal("生成 CSV 失败", error.to_string()))?;
        self.write_csv_rows(&mut bytes)?;
        let text = String::from_utf8(bytes).map_err(|error| Error::internal("生成 CSV 失败", error.to_string()))?;
        Ok(format!("\u{feff}{text}"))
    }

    /// The rows as CSV, without a header.
    pub(super) fn write_csv_rows(&self, out: &mut Vec<u8>) -> Result<()> {
        let failed = |error: csv::Error| Error::internal("生成 CSV 失败", error.to_string());
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        for row in &self.rows {
            writer.write_record(row.iter().map(csv_cell)).map_err(failed)?;
        }
        writer.flush().map_err(|error| Error::internal("生成 CSV 失败", error.to_string()))
    }

    fn csv_key(&self, at: usize, column: &Column) -> String {
        let money = self.rows.iter().any(|row| matches!(row.get(at), Some(Value::Money(_)))) || is_money(&column.key);
        if money { format!("{}_wan", column.key) } else { column.key.clone() }
    }

    /// A JSON list of objects, money in yuan as text.
    pub fn to_json(&self) -> Json {
        self.rows.iter().map(|row| self.json_row(row)).collect()
    }

    /// A row as an object.
    pub(super) fn json_row(&self, row: &[Value]) -> Json {
        let cells = self.columns.iter().zip(row).map(|(column, value)| (column.key.clone(), json_cell(value)));
        Json::Object(cells.collect::<Map<_, _>>())
    }

    /// Aligned text: words left, numbers right, a Chinese character two cells wide.
    pub fn to_text(&self, unit: Unit) -> String {
        let cells: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(|value| text_cell(value, unit)).collect()).collect();
        let width = |at: usize| {
            let own = self.columns.get(at).map_or(0, |column| columns_of(&column.label));
            cells.iter().filter_map(|row| row.get(at)).map(|cell| columns_of(cell)).fold(own, usize::max)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let right: Vec<bool> = (0..self.columns.len())
            .map(|at| self.rows.iter().any(|row| matches!(row.get(at), Some(Value::Number(_) | Value::Money(_)))))
            .collect();
        let line = |cells: &[String]| {
            let parts: Vec<String> = cells
                .iter()
                .zip(&widths)
                .zip(&right)
                .map(|((cell, width), right)| {
                    let gap = " ".repeat(width.saturating_sub(columns_of(cell)));
                    if *right { format!("{gap}{cell}") } else { format!("{cell}{gap}") }
                })
                .collect();
            format!("{}\n", parts.join("  ").trim_end())
        };
        let labels: Vec<String> = self.columns.iter().map(|column| column.label.clone()).collect();
        let rule = widths.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>().join("  ");
        let mut out = line(&labels);
        out.push_str(&rule);
        out.push('\n');
        cells.iter().for_each(|row| out.push_str(&line(row)));
        out
    }

    /// The table in a format, for a terminal or a pipe.
    pub fn render(&self, format: Format, unit: Unit) -> Result<String> {
        match format {
            Format::Table => Ok(self.to_text(unit)),
            Format::Csv => self.to_csv(),
            Format::Json => serde_json::to_string_pretty(&self.to_json())
                .map(|text| text + "\n")
                .map_err(|error| Error::internal("生成 JSON 失败", error.to_string())),
        }
    }
}

/// Columns of money beside the measures': their unit stands in the key also where no row has an amount.
const MONEY: [&str; 8] =
    ["amount", "paid_fiscal", "original", "changed", "current", "reported", "recorded", "difference"];

fn is_money(key: &str) -> bool {
    crate::measure::Measure::ALL.iter().any(|measure| measure.key() == key) || MONEY.contains(&key)
}

/// Text a spreadsheet would run as a formula is quoted.
fn csv_cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Number(number) => number.to_string(),
        Value::Money(amount) => amount.wan_exact(),
        Value::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
        Value::Text(text) => text.clone(),
    }
}

fn json_cell(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Number(number) => json!(number),
        Value::Money(amount) => json!(amount.yuan()),
        Value::Text(text) => json!(text),
    }
}

fn text_cell(value: &Value, unit: Unit) -> String {
    match value {
        Value::Null => "—".into(),
        Value::Number(number) => number.to_string(),
        Value::Money(amount) => unit.render(*amount),
        Value::Text(text) => text.chars().filter(|c| !c.is_control()).collect(),
    }
}

/// How many cells of a terminal a text takes.
fn columns_of(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe4f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x20000..=0x3fffd)
}
