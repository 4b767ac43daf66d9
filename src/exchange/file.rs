//! A file written table by table: its rows are never all held at once.

use serde_json::Value as Json;

use super::Table;
use crate::error::{Error, Result};

/// A list on its way into a file.
#[derive(Debug)]
pub struct Writer {
    out: Vec<u8>,
    form: Form,
    /// Rows written so far.
    rows: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Json,
}

impl Writer {
    /// CSV with the columns of `table`, whose own rows are not written.
    pub fn csv(table: &Table) -> Result<Writer> {
        let head = Table { columns: table.columns.clone(), rows: Vec::new() };
        Ok(Writer { out: head.to_csv()?.into_bytes(), form: Form::Csv, rows: 0 })
    }

    /// A JSON object: first what is said of the whole, then the rows as its `items`.
    pub fn json(whole: &[(&str, Json)]) -> Writer {
        let said = whole.iter().map(|(key, value)| format!("{}:{value},", Json::from(*key))).collect::<String>();
        Writer { out: format!("{{{said}\"items\":[").into_bytes(), form: Form::Json, rows: 0 }
    }

    /// Adds the rows of a table of the same columns.
    pub fn add(&mut self, table: &Table) -> Result<()> {
        match self.form {
            Form::Csv => table.write_csv_rows(&mut self.out)?,
            Form::Json => {
                for row in &table.rows {
                    if self.rows > 0 {
                        self.out.push(b',');
                    }
                    serde_json::to_writer(&mut self.out, &table.json_row(row))
                        .map_err(|error| Error::internal("生成 JSON 失败", error.to_string()))?;
                    self.rows += 1;
                }
            }
        }
        Ok(())
    }

    /// The bytes so far, to be sent on: what is to come goes on after them.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// The file's bytes.
    pub fn finish(mut self) -> Vec<u8> {
        if self.form == Form::Json {
            self.out.extend_from_slice(b"]}");
        }
        self.out
    }
}
