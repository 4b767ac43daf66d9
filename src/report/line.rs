//! `/lines/{id}`: a line of a document, verbatim, and every figure that rests on it.

use serde::Serialize;

use super::frame::{Fact, FindingNote, Frame, Link};
use super::table::Table;

/// The context of `line.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// The surroundings.
    pub frame: Frame,
    /// 「附表1 第 8 行」.
    pub name: String,
    /// The line's words, exactly.
    pub text: String,
    /// The column headings of its table with the line's cells, when it is a row of one.
    pub cells: Vec<Fact>,
    /// Document, section, row, SHA-256.
    pub facts: Vec<Fact>,
    /// The figures and facts that rest on it.
    pub figures: Table,
    /// Oddities of the line.
    pub findings: Vec<FindingNote>,
    /// The line before it.
    pub previous: Option<Link>,
    /// The line after it.
    pub next: Option<Link>,
}
