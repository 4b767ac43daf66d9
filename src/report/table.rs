//! The one table every page uses: columns, groups with a summary row, a total, what was left out.
//!
//! All text is finished. A cell without a record carries the word that says why, because
//! 「—」 alone tells a screen reader nothing and empty is not zero.

use serde::Serialize;

use super::frame::Link;

/// A table of finished strings, drawn by the component `grid.table`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Table {
    /// The id of the `<table>`, unique on its page.
    pub id: String,
    /// What the table shows, with its unit: read first by screen readers and printed above it.
    pub caption: String,
    /// Columns from left to right; every row has exactly as many cells.
    pub columns: Vec<Column>,
    /// Rows in groups; an ungrouped table has one group without a head.
    pub groups: Vec<Group>,
    /// The closing line, ruled twice.
    pub total: Option<Row>,
    /// Columns that hold no value in this scope, in one line: 「年度计划投资、完成投资、支付资金：尚无记录（0/32 项）」.
    pub folded: Option<String>,
    /// What a reader must know about the rows, one sentence each: cut-offs, rounding, what is left out.
    pub notes: Vec<String>,
    /// Shown instead of the table when it has no rows: what is missing and what fills it.
    pub empty: Option<String>,
}

impl Table {
    /// Whether no group holds a row.
    pub fn is_empty(&self) -> bool {
        self.groups.iter().all(|group| group.rows.is_empty())
    }

    /// Adds one ungrouped run of rows.
    #[must_use]
    pub fn with_rows(mut self, rows: Vec<Row>) -> Self {
        self.groups.push(Group { head: None, rows });
        self
    }
}

/// A column: how its cells look, and what its header says once for all of them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Column {
    /// The header's words.
    pub label: String,
    /// The unit, written once here and in no cell.
    pub unit: Option<String>,
    /// The column's own cut-off or caution: 「数据截至 2025-08」「推定·待确认」.
    pub note: Option<String>,
    /// How the cells are set.
    pub kind: Kind,
    /// Whether the column stays on a screen of 390 px.
    pub narrow: bool,
    /// A link that sorts by this column.
    pub sort: Option<Sort>,
}

/// How a column's cells are set; the name is the CSS class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A short key (编号, 序号): tabular, never wrapped.
    Code,
    /// What the row is about: the row's header, given the most room.
    Name,
    /// Ordinary words.
    #[default]
    Text,
    /// A number: right-aligned, tabular.
    Number,
    /// A date, a month or a span of years: tabular, never wrapped.
    Date,
    /// A state in a few words.
    Status,
    /// A long sentence, set smaller.
    Prose,
}

/// A header's link to the same page in another order.
#[derive(Clone, Debug, Serialize)]
pub struct Sort {
    /// Where the next click leads.
    pub href: String,
    /// How the rows stand now; the value of `aria-sort`.
    pub state: SortState,
}

/// The present order of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SortState {
    /// Not the sorting column.
    None,
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// Rows that belong together, under a summary row with their sub-totals.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Group {
    /// The summary row: name of the group and its sub-totals.
    pub head: Option<Row>,
    /// The members.
    pub rows: Vec<Row>,
}

/// One row; `cells` align with the table's columns.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// An anchor for links into the table.
    pub id: Option<String>,
    /// The cells, one per column.
    pub cells: Vec<Cell>,
}

impl From<Vec<Cell>> for Row {
    fn from(cells: Vec<Cell>) -> Self {
        Self { id: None, cells }
    }
}

/// A finished cell.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Cell {
    /// The text; empty when the cell is blank or absent.
    pub text: String,
    /// A shorter wording for a narrow screen.
    pub short: Option<String>,
    /// What stands behind the text.
    pub href: Option<String>,
    /// Why there is no value (未填, 未报送, 未下达, 不适用, 未公开); drawn as 「—」 and read aloud.
    pub absent: Option<String>,
    /// A second, quieter line.
    pub note: Option<String>,
    /// A status mark after the text.
    pub mark: Option<Mark>,
    /// A second link, to something else.
    pub more: Option<Link>,
}

impl Cell {
    /// Nothing at all: a summary row under a column it does not summarise.
    pub fn blank() -> Self {
        Self::default()
    }

    /// Words without a link.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Words or a number that lead to what stands behind them.
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: Some(href.into()), ..Self::default() }
    }

    /// No record, and the word that says why.
    pub fn absent(why: impl Into<String>) -> Self {
        Self { absent: Some(why.into()), ..Self::default() }
    }

    /// A status mark alone.
    pub fn mark(mark: Mark) -> Self {
        Self { mark: Some(mark), ..Self::default() }
    }

    /// Adds a second, quieter line.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Adds a second link.
    #[must_use]
    pub fn with_more(mut self, more: Link) -> Self {
        self.more = Some(more);
        self
    }

    /// Adds a shorter wording for a narrow screen.
    #[must_use]
    pub fn with_short(mut self, short: impl Into<String>) -> Self {
        self.short = Some(short.into());
        self
    }

    /// Adds a status mark after the text.
    #[must_use]
    pub fn with_mark(mut self, mark: Mark) -> Self {
        self.mark = Some(mark);
        self
    }
}

/// A state as text and shape; colour only repeats what the words say.
#[derive(Clone, Debug, Serialize)]
pub struct Mark {
    /// Which shape and colour; the name is the CSS class.
    pub kind: MarkKind,
    /// The words.
    pub text: String,
    /// A shorter wording for a narrow screen.
    pub short: Option<String>,
}

impl Mark {
    /// A mark with its words.
    pub fn new(kind: MarkKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), short: None }
    }

    /// 「推定·待确认」, the mark of everything the plan does not say.
    pub fn inferred() -> Self {
        Self::new(MarkKind::Inferred, "推定·待确认")
    }

    /// 「规划年限已满，完成情况未填」: a fact about the record, not a reproach.
    pub fn term_over() -> Self {
        Self {
            kind: MarkKind::Open, text: "规划年限已满，完成情况未填".to_owned(), short: Some("年限已满".to_owned())
        }
    }
}

/// The kinds of marks; each has its own shape, so none depends on colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarkKind {
    /// Not in the plan's words: dashed outline.
    Inferred,
    /// Confirmed by the office: solid outline.
    Confirmed,
    /// Awaiting a record: hollow ring.
    Open,
    /// Done, equal, proved: tick.
    Good,
    /// Under way: half ring.
    Running,
    /// Needs attention: triangle.
    Caution,
    /// Wrong or stopped: square.
    Bad,
    /// Says something about the row without judging it.
    Plain,
}
