//! `/`: what the plan asks for, in ten seconds and then in full.

use serde::Serialize;

use super::chart::{BarChart, Timeline};
use super::frame::{Banner, Frame, Headline, KeyFigure, Link};
use super::table::Table;

/// The context of `overview.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// The surroundings.
    pub frame: Frame,
    /// The one figure of the plan.
    pub headline: Headline,
    /// What proves it.
    pub check: Check,
    /// The three or four figures a leader asks for next.
    pub key_figures: Vec<KeyFigure>,
    /// Cautions that hold for the whole page; among them 「32 项的体系、责任部门均为推定」.
    pub banners: Vec<Banner>,
    /// Share by system.
    pub share: BarChart,
    /// The projects under their systems.
    pub table: Table,
    /// How to see the demonstration, while nothing beyond the plan is recorded.
    pub first_run: Option<FirstRun>,
    /// The years of all projects.
    pub timeline: Timeline,
}

/// 「958,954 ＝ 32 行逐行相加，与附表总计一致 ✓ 查看证明」.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// The sentence.
    pub text: String,
    /// Whether it holds.
    pub holds: bool,
    /// When and at which head it was checked, when it was not just now.
    pub run: Option<String>,
    /// The proofs.
    pub link: Link,
}

/// The card of a database that holds only the plan.
#[derive(Clone, Debug, Serialize)]
pub struct FirstRun {
    /// What is here and what is not.
    pub text: String,
    /// The command that serves the demonstration.
    pub command: String,
    /// What the command does and does not touch.
    pub note: String,
}
