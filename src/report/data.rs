//! `/data` 数据说明: what the plan does not say, what is inferred, what is odd.

use serde::Serialize;

use super::frame::{Fact, Frame, Link};
use super::table::Table;

/// The context of `data.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Data {
    /// The surroundings.
    pub frame: Frame,
    /// The page in two sentences.
    pub summary: String,
    /// The documents this register rests on.
    pub documents: Vec<Link>,
    /// What the plan does not say, and what is shown in its place.
    pub silences: Vec<Fact>,
    /// What is inferred, and how much of it is confirmed.
    pub inferred: Table,
    /// The terms and how a figure is read: 口径.
    pub terms: Vec<Fact>,
    /// Every finding with its row.
    pub findings: Table,
}
