//! 节点: what is planned, forecast, met or reopened, each a dated fact with its evidence.

pub mod command;
pub mod order;
pub mod public;
pub mod slip;
pub mod store;
pub mod template;

use crate::db::fact;
use crate::error::{Error, Result};
pub use crate::subtotal::counter::{FactKind, State, state_at};

fact! {
    /// A milestone of a project.
    milestone Milestone {
        project_id: i64,
        code: String,
        name: String,
        position: i32,
        document_id: Option<i64>,
        line_id: Option<i64>,
    }
}

fact! {
    /// One thing said of a milestone.
    milestone_fact MilestoneFact {
        milestone_id: i64,
        /// `FactKind::code`.
        kind: i32,
        /// The day spoken of; the last day of a month, quarter or year known no better.
        happens_on: i32,
        precision: String,
        /// From when it holds: the day it was planned, forecast or met.
        effective_on: i32,
        reason: String,
        evidence: String,
        document_id: Option<i64>,
        line_id: Option<i64>,
        source_url: String,
        /// official, media, reprint; empty when it rests on a document.
        source_quality: String,
    }
}

fact! {
    /// What a public source says of a project and what counts nowhere: a lead still to be verified
    /// (线索·待核实), or a statement of what was planned (计划表述).
    clue Clue {
        project_id: i64,
        /// The milestone it would be; empty when it is none.
        milestone_code: String,
        milestone_name: String,
        /// `actual` or `planned`.
        claim: String,
        /// The last day that the date can be.
        happens_on: i32,
        precision: String,
        text: String,
        source_code: String,
        /// Empty when the title is not known.
        source_title: String,
        publisher: String,
        published_on: Option<i32>,
        published_precision: String,
        /// Shown as text, never as a link.
        source_url: String,
        /// `official`, `media` (first-hand) or `reprint`.
        source_quality: String,
        note: String,
    }
}

fact! {
    /// What became of a clue: confirmed by a milestone fact, or 不采信 when there is none.
    clue_answer ClueAnswer {
        clue_id: i64,
        milestone_fact_id: Option<i64>,
        reason: String,
        document_id: Option<i64>,
    }
}

/// Standard milestones, N for construction and S for studies: code, name, and order on a timeline.
pub const STANDARD: [(&str, &str, i32); 14] = [
    ("N1", "立项/可研批复", 10),
    ("N2", "初设概算批复", 20),
    ("N3", "用地规划手续", 30),
    ("N4", "招标完成", 40),
    ("N5", "开工", 50),
    ("N6", "主体过半", 60),
    ("N7", "主体完工", 70),
    ("N8", "竣工验收", 80),
    ("N9", "投用/开放", 90),
    ("N10", "竣工财务决算", 100),
    ("S1", "启动", 15),
    ("S2", "中期成果", 45),
    ("S3", "验收", 75),
    ("S4", "发布", 95),
];

/// The words of the kinds, in files and the API, and on screen.
pub const KINDS: [(FactKind, &str, &str); 4] = [
    (FactKind::Plan, "plan", "计划"),
    (FactKind::Forecast, "forecast", "预计"),
    (FactKind::Met, "met", "完成"),
    (FactKind::Reopened, "reopened", "重开"),
];

/// The kind of a word.
pub fn parse_kind(word: &str) -> Result<FactKind> {
    KINDS.iter().find(|(_, known, _)| *known == word).map(|(kind, ..)| *kind).ok_or_else(|| {
        Error::invalid("kind", word, "可用 plan（计划）、forecast（预计）、met（完成）、reopened（重开）")
    })
}

/// The name of a kind on screen.
pub fn kind_label(kind: FactKind) -> &'static str {
    KINDS.iter().find(|(known, ..)| *known == kind).map_or("", |(.., label)| label)
}
