//! `/documents/{code}`: a source document and its lines.

use serde::Serialize;

use super::frame::{Fact, Frame};
use super::table::Table;

/// The context of `document.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// The surroundings.
    pub frame: Frame,
    /// The document's title.
    pub name: String,
    /// Issuer, number, date, SHA-256, note.
    pub facts: Vec<Fact>,
    /// What the document itself claims: its own total and counts, and whether the lines agree.
    pub assertions: Table,
    /// Its lines, in order.
    pub lines: Table,
}
