//! `/projects/{code}`: one project on one page, which also prints on one sheet.

use serde::Serialize;

use super::frame::{Banner, Fact, FindingNote, Frame, Link};
use super::table::{Mark, Table};

/// The context of `project.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Project {
    /// The surroundings.
    pub frame: Frame,
    /// The project's code, `CY-08`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// One plain sentence: years, estimate, what was last recorded, 「之后情况尚未收录」.
    pub sentence: String,
    /// Its present state, when it needs saying.
    pub mark: Option<Mark>,
    /// Cautions on the whole page.
    pub banners: Vec<Banner>,
    /// What is to be built, in the plan's words.
    pub content: String,
    /// The money, a row per measure.
    pub money: Table,
    /// Facts of the register with status, basis and source.
    pub facts: Vec<Fact>,
    /// The milestones.
    pub milestones: Table,
    /// The entries, newest last.
    pub entries: Table,
    /// The line of the plan it comes from.
    pub source: SourceLine,
    /// Oddities of the source about this project.
    pub findings: Vec<FindingNote>,
    /// The project before this one in the annex.
    pub previous: Option<Link>,
    /// The project after it.
    pub next: Option<Link>,
}

/// A line of the plan, quoted.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SourceLine {
    /// The document's title.
    pub document: Link,
    /// The part of it: 「附表1」.
    pub section: String,
    /// The row: 「第 8 行」.
    pub row: String,
    /// The line, verbatim.
    pub text: String,
    /// The line's own page.
    pub href: String,
}
