//! One CSV file of a plan: read whole, each fault with file, line, column, value and what is allowed.

use std::borrow::Cow;
use std::path::PathBuf;

use super::Embedded;
use crate::error::{Error, Fault, Result};
use crate::money::Fen;

/// Where the files of a plan are.
#[derive(Debug, Clone)]
pub enum Files {
    /// Compiled in.
    Embedded,
    /// In a folder.
    Folder(PathBuf),
}

impl Files {
    /// Whether there is such a file.
    pub(super) fn has(&self, name: &str) -> bool {
        match self {
            Files::Embedded => Embedded::get(name).is_some(),
            Files::Folder(dir) => dir.join(name).exists(),
        }
    }

    /// A file's bytes; what is wrong when it cannot be read.
    pub(super) fn bytes(&self, name: &str) -> std::result::Result<Cow<'static, [u8]>, String> {
        match self {
            Files::Embedded => Embedded::get(name).map(|file| file.data).ok_or_else(|| "文件不存在".into()),
            Files::Folder(dir) => {
                let path = dir.join(name);
                std::fs::read(&path).map(Cow::Owned).map_err(|error| format!("读不到 {}（{error}）", path.display()))
            }
        }
    }

    /// A text file: UTF-8 without a byte-order mark.
    pub(super) fn text(&self, name: &str, faults: &mut Faults) -> Option<String> {
        let bytes = match self.bytes(name) {
            Ok(bytes) => bytes,
            Err(what) => {
                faults.add(Fault { field: name.into(), value: String::new(), message: what });
                return None;
            }
        };
        if bytes.starts_with(b"\xef\xbb\xbf") {
            let message = "开头有 BOM；请存为“UTF-8（无 BOM）”".into();
            faults.add(Fault { field: first_line(name), value: "EF BB BF".into(), message });
            return None;
        }
        match std::str::from_utf8(&bytes) {
            Ok(text) => Some(text.to_owned()),
            Err(error) => {
                let (before, bad) = bytes.split_at(error.valid_up_to());
                let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                faults.add(Fault {
                    field: format!("{name} 第 {line} 行"),
                    value: bad.iter().take(4).map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" "),
                    message: format!(
                        "这一行第 {} 字节起不是 UTF-8；请存为 UTF-8（无 BOM），不要用 GBK/GB18030",
                        before.len() - line_start + 1
                    ),
                });
                None
            }
        }
    }
}

/// Where a fault of a file's head stands.
fn first_line(file: &str) -> String {
    format!("{file} 第 1 行")
}

/// Faults so far. More than a screenful helps nobody: the first hundred are told, the rest counted.
#[derive(Debug, Default)]
pub(super) struct Faults {
    told: Vec<Fault>,
    more: usize,
}

const TOLD: usize = 100;

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
        if self.told.len() < TOLD { self.told.push(fault) } else { self.more += 1 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    pub(super) fn count(&self) -> usize {
        self.told.len() + self.more
    }

    pub(super) fn into_result(mut self) -> Result<()> {
        if self.more > 0 {
            let message = format!("另有 {} 处错误没有列出；改完这些再试", self.more);
            self.told.push(Fault { field: "其余".into(), value: String::new(), message });
        }
        if self.told.is_empty() { Ok(()) } else { Err(Error::Invalid(self.told)) }
    }
}

/// A parsed file: its rows with their line numbers.
pub(super) struct Sheet {
    file: String,
    columns: Vec<String>,
    rows: Vec<(u64, Vec<String>)>,
}

/// No file of a plan has more rows: ten times the largest portfolio foreseen.
const MAX_ROWS: usize = 1_000_000;

impl Sheet {
    /// Reads a file whose columns must be exactly `required` and may be any of `optional`.
    pub(super) fn read(files: &Files, file: &str, required: &[&str], optional: &[&str], faults: &mut Faults) -> Sheet {
        let mut sheet = Sheet { file: file.into(), columns: Vec::new(), rows: Vec::new() };
        let Some(text) = files.text(file, faults) else { return sheet };
        let mut reader = csv::ReaderBuilder::new().has_headers(true).flexible(true).from_reader(text.as_bytes());
        let whole = |message: String| Fault { field: file.into(), value: String::new(), message };
        match reader.headers() {
            Ok(headers) => sheet.columns = headers.iter().map(str::to_owned).collect(),
            Err(error) => faults.add(whole(format!("不是 CSV：{error}"))),
        }
        let allowed = || required.iter().chain(optional).copied().collect::<Vec<_>>().join(",");
        for column in required.iter().filter(|column| !sheet.columns.iter().any(|known| known == *column)) {
            let message = format!("缺少这一列；各列为 {}", allowed());
            faults.add(Fault { field: first_line(file), value: (*column).into(), message });
        }
        for (at, column) in sheet.columns.iter().enumerate() {
            if !required.iter().chain(optional).any(|known| known == column) {
                faults.add(Fault {
                    field: first_line(file),
                    value: column.clone(),
                    message: format!("不认识的列；各列为 {}", allowed()),
                });
            }
            if sheet.columns[..at].contains(column) {
                faults.add(Fault { field: first_line(file), value: column.clone(), message: "列名重复".into() });
            }
        }
        for record in reader.records() {
            match record {
                Ok(record) if record.len() == sheet.columns.len() => {
                    let line = record.position().map_or(0, csv::Position::line);
                    sheet.rows.push((line, record.iter().map(str::to_owned).collect()));
                }
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    let message =
                        format!("有 {} 列，应有 {} 列；含逗号的文字要加双引号", record.len(), sheet.columns.len());
                    faults.add(Fault { field: format!("{file} 第 {line} 行"), value: String::new(), message });
                }
                Err(error) => faults.add(whole(format!("读不下去：{error}"))),
            }
            if sheet.rows.len() > MAX_ROWS {
                faults.add(whole(format!("超过 {MAX_ROWS} 行；请分成几个文件")));
                break;
            }
        }
        sheet
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, cells)| Row { sheet: self, line: *line, cells })
    }
}

/// A row under reading. Every getter notes what is wrong and gives a harmless value.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    sheet: &'a Sheet,
    line: u64,
    cells: &'a [String],
}

impl<'a> Row<'a> {
    /// The cell as it stands; empty when there is no such column.
    pub(super) fn raw(&self, column: &str) -> &'a str {
        let at = self.sheet.columns.iter().position(|known| known == column);
        at.and_then(|at| self.cells.get(at)).map_or("", String::as_str)
    }

    pub(super) fn fault(&self, column: &str, message: impl Into<String>) -> Fault {
        self.fault_of(column, self.raw(column), message)
    }

    /// A fault of a value that was read from the row.
    pub(super) fn fault_of(&self, column: &str, value: &str, message: impl Into<String>) -> Fault {
        Fault {
            field: format!("{} 第 {} 行 {column}", self.sheet.file, self.line),
            value: value.chars().take(60).collect(),
            message: message.into(),
        }
    }

    /// The row's line in its file.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Words that must be there, at most `max` of them, in one line.
    pub(super) fn text(&self, column: &str, max: usize, faults: &mut Faults) -> String {
        let text = self.optional(column, max, faults);
        if text.is_empty() {
            faults.add(self.fault(column, "不能为空"));
        }
        text
    }

    /// Words that may be missing.
    pub(super) fn optional(&self, column: &str, max: usize, faults: &mut Faults) -> String {
        let text = self.raw(column);
        let count = text.chars().count();
        if count > max {
            faults.add(self.fault(column, format!("有 {count} 个字；最多 {max} 个字")));
        } else if text.chars().any(|c| c.is_control() && c != '\t') {
            faults.add(self.fault(column, "含控制字符（换行等）；写成一行"));
        }
        text.to_owned()
    }

    /// A whole number in a range.
    pub(super) fn number(&self, column: &str, range: std::ops::RangeInclusive<i32>, faults: &mut Faults) -> i32 {
        match self.raw(column).parse::<i32>() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                faults.add(self.fault(column, format!("应为 {} 至 {} 的整数", range.start(), range.end())));
                *range.start()
            }
        }
    }

    /// 万元, not negative.
    pub(super) fn wan(&self, column: &str, faults: &mut Faults) -> Fen {
        let checked =
            Fen::parse_wan(self.raw(column)).and_then(|amount| crate::ledger::check_amount(amount).map(|()| amount));
        match checked {
            Ok(amount) if amount >= Fen::ZERO => amount,
            Ok(_) => {
                faults.add(self.fault(column, "不能为负；填写不小于 0 的万元数，最多 6 位小数"));
                Fen::ZERO
            }
            Err(Error::Invalid(own)) => {
                let message = own.first().map_or_else(String::new, |fault| fault.message.clone());
                faults.add(self.fault(column, message));
                Fen::ZERO
            }
            Err(other) => {
                faults.add(self.fault(column, other.to_string()));
                Fen::ZERO
            }
        }
    }

    /// A code that no earlier row has.
    pub(super) fn unique(
        &self,
        column: &str,
        seen: &mut std::collections::HashMap<String, u64>,
        faults: &mut Faults,
    ) -> String {
        let code = self.text(column, 64, faults);
        if let Some(first) = seen.get(&code) {
            faults.add(self.fault(column, format!("与第 {first} 行重复")));
        }
        seen.entry(code.clone()).or_insert(self.line);
        code
    }

    /// A code that another file has.
    pub(super) fn reference(&self, column: &str, known: &[String], of: &str, faults: &mut Faults) -> String {
        let code = self.raw(column);
        // A file that could not be read was told once; each row that refers to it would only repeat it.
        let unread = known.is_empty() && !faults.is_empty();
        if !unread && !known.iter().any(|known| known == code) {
            let shown = known.iter().take(12).cloned().collect::<Vec<_>>().join("、");
            faults.add(
                self.fault(column, format!("{of} 里没有；可用 {shown}{}", if known.len() > 12 { " 等" } else { "" })),
            );
        }
        code.to_owned()
    }
}
