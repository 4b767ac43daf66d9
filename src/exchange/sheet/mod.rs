//! Spreadsheets as they come in: cells with their references (「D7」), whatever program made them.
//!
//! The same [`Grid`] comes from a file ([`read`]) and from a block copied out of a spreadsheet
//! ([`Grid::from_text`]); what is wrong is always said of a cell.

mod file;
pub mod value;

use std::collections::BTreeMap;

use crate::error::{Error, Fault, Result};

pub use file::{MAX_BYTES, read};

/// A monthly table of the largest department foreseen has a few hundred rows.
pub const MAX_ROWS: u32 = 5_000;
/// More columns than any table of ours by far.
pub const MAX_COLUMNS: u32 = 256;
/// A description of two thousand characters still fits.
pub const MAX_TEXT: usize = 4_000;
/// The head stands within so many rows: titles may stand above it.
const HEAD_WITHIN: u32 = 20;

/// What a cell was in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Words.
    Text,
    /// A number, as exact decimal text of at most fifteen digits.
    Number,
    /// A date, written as [`crate::period::Precision::parse_date`] reads it.
    Date,
    /// A formula that came to an error, or was never calculated.
    Failed,
}

/// A cell that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// What stands in it.
    pub text: String,
    /// As what.
    pub form: Form,
}

/// A place: row and column from 0.
pub type Place = (u32, u32);

/// A sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    cells: BTreeMap<Place, Cell>,
    /// Merged regions: first and last place.
    merged: Vec<(Place, Place)>,
}

/// 「D7」.
pub fn reference((row, column): Place) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or(0)));
        rest = (rest - 1) / 26;
    }
    format!("{}{}", letters.iter().rev().collect::<String>(), row + 1)
}

impl Grid {
    /// A block as a spreadsheet puts it on the clipboard: tabs between cells, quotes round a cell of
    /// several lines.
    ///
    /// # Errors
    /// Says which limit it exceeds.
    pub fn from_text(text: &str) -> Result<Grid> {
        let mut grid = Grid::default();
        let text = text.trim_start_matches('\u{feff}');
        let mut reader =
            csv::ReaderBuilder::new().delimiter(b'\t').has_headers(false).flexible(true).from_reader(text.as_bytes());
        for (row, record) in (0..).zip(reader.records()) {
            let record =
                record.map_err(|error| Error::invalid("table", "", format!("读不下去：{error}；请重新复制")))?;
            for (column, text) in (0..).zip(record.iter()) {
                grid.put((row, column), text, Form::Text)?;
            }
        }
        Ok(grid)
    }

    /// The block that [`Grid::from_text`] reads as this: every cell stands where it stood, and of
    /// cells merged downwards each row has its words.
    pub fn to_text(&self) -> String {
        let rows = self.rows();
        let line = |row: u32| {
            let own = self.cells.range((row, 0)..(row + 1, 0));
            let Some(((_, last), _)) = own.last() else { return "\"\"".to_owned() };
            let cell = |column| self.cell((row, column)).map_or_else(String::new, |cell| quoted(&cell.text));
            (0..=*last).map(cell).collect::<Vec<_>>().join("\t")
        };
        (0..rows.last().map_or(0, |last| last + 1)).map(line).collect::<Vec<_>>().join("\n")
    }

    /// The same with nothing above this row and nothing but these columns.
    #[must_use]
    pub fn only(&self, head: u32, columns: &[u32]) -> Grid {
        let kept = |place: &Place| place.0 >= head && columns.contains(&place.1);
        let cells = self.cells.iter().filter(|(place, _)| kept(place));
        Grid { cells: cells.map(|(place, cell)| (*place, cell.clone())).collect(), merged: self.merged.clone() }
    }

    fn put(&mut self, place: Place, text: &str, form: Form) -> Result<()> {
        let text = text.trim();
        if text.is_empty() && form != Form::Failed {
            return Ok(());
        }
        let said = |message: String| Error::invalid(reference(place), "", message);
        if place.0 >= MAX_ROWS {
            return Err(said(format!("超过 {MAX_ROWS} 行；请分成几份")));
        }
        if place.1 >= MAX_COLUMNS {
            return Err(said(format!("超过 {MAX_COLUMNS} 列；请删去多余的列")));
        }
        if text.chars().nth(MAX_TEXT).is_some() {
            return Err(said(format!("超过 {MAX_TEXT} 个字；请缩短")));
        }
        self.cells.insert(place, Cell { text: text.to_owned(), form });
        Ok(())
    }

    /// What stands in a place; of cells merged downwards what stands in the first.
    pub fn cell(&self, place: Place) -> Option<&Cell> {
        let first = self.merged_with(place).filter(|first| first.1 == place.1);
        self.cells.get(&first.unwrap_or(place))
    }

    /// The first place of the merged region that this place is in, when it is not that place itself.
    pub fn merged_with(&self, place: Place) -> Option<Place> {
        let holds = |(first, last): &&(Place, Place)| {
            (first.0..=last.0).contains(&place.0) && (first.1..=last.1).contains(&place.1)
        };
        self.merged.iter().find(holds).map(|(first, _)| *first).filter(|first| *first != place)
    }

    /// The rows that are not empty, in order.
    pub fn rows(&self) -> Vec<u32> {
        let mut rows: Vec<u32> = self.cells.keys().map(|(row, _)| *row).collect();
        rows.dedup();
        rows
    }

    /// Finds the row of column names: the first that holds this name.
    ///
    /// # Errors
    /// Says that there is none.
    pub fn table(&self, key: &str) -> Result<Table<'_>> {
        let wanted = value::name_of(key);
        let mut found = self.cells.iter().take_while(|((row, _), _)| *row < HEAD_WITHIN);
        let Some(((row, _), _)) = found.find(|(_, cell)| value::name_of(&cell.text) == wanted) else {
            let message = format!("前 {HEAD_WITHIN} 行里没有「{key}」这一列；请用下载的表，不要改列名");
            return Err(Error::invalid("列名", "", message));
        };
        let names = self.cells.range((*row, 0)..(row + 1, 0));
        let columns: Vec<(u32, String)> =
            names.map(|((_, column), cell)| (*column, value::name_of(&cell.text))).collect();
        let twice =
            columns.iter().enumerate().find(|(at, (_, name))| columns.iter().take(*at).any(|(_, other)| other == name));
        if let Some((_, (column, name))) = twice {
            return Err(Error::invalid(reference((*row, *column)), name.clone(), "列名重复；请删去一列"));
        }
        Ok(Table { grid: self, head: *row, columns })
    }
}

/// A cell of the clipboard: in quotes where it must be.
pub fn quoted(text: &str) -> String {
    let text = value::one_line(text);
    if text.contains('"') { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// A sheet with its column names found.
#[derive(Debug, Clone)]
pub struct Table<'a> {
    grid: &'a Grid,
    head: u32,
    columns: Vec<(u32, String)>,
}

impl<'a> Table<'a> {
    /// The columns: where they stand, and their names without spaces.
    pub fn columns(&self) -> impl Iterator<Item = (u32, &str)> {
        self.columns.iter().map(|(at, name)| (*at, name.as_str()))
    }

    /// Where the column names stand.
    pub fn head(&self) -> u32 {
        self.head
    }

    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<u32> {
        let wanted = value::name_of(name);
        self.columns.iter().find(|(_, known)| *known == wanted).map(|(at, _)| *at)
    }

    /// The rows below the names that are not empty.
    pub fn rows(&self) -> impl Iterator<Item = Row<'a>> + '_ {
        let head = self.head;
        self.grid.rows().into_iter().filter(move |row| *row > head).map(|row| Row { grid: self.grid, row })
    }
}

/// A row under reading.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    grid: &'a Grid,
    row: u32,
}

impl<'a> Row<'a> {
    /// A cell of it; none: there is no such column.
    pub fn given(&self, column: Option<u32>) -> Given<'a> {
        let place = column.map(|column| (self.row, column));
        let cell = place.and_then(|place| self.grid.cell(place));
        let merged = place.and_then(|place| self.grid.merged_with(place));
        Given { place: place.unwrap_or((self.row, 0)), cell, merged }
    }

    /// Its first cell's reference, to speak of the row.
    pub fn reference(&self) -> String {
        reference((self.row, 0))
    }

    /// Its number as a spreadsheet shows it.
    pub fn number(&self) -> u32 {
        self.row + 1
    }

    /// Everything in it, one after another: to tell a sum from a project.
    pub fn words(&self) -> String {
        let cells = self.grid.cells.range((self.row, 0)..(self.row + 1, 0));
        cells.map(|(_, cell)| cell.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// What was given in a place.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    place: Place,
    cell: Option<&'a Cell>,
    merged: Option<Place>,
}

impl Given<'_> {
    /// 「D7」.
    pub fn reference(&self) -> String {
        reference(self.place)
    }

    /// What is wrong with it.
    pub fn fault(&self, message: impl Into<String>) -> Fault {
        let value = self.cell.map_or("", |cell| cell.text.as_str());
        Fault { field: self.reference(), value: value.chars().take(60).collect(), message: message.into() }
    }
}
