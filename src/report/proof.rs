//! `/proof`: `taizhang check` in the browser, a line per proof.

use serde::Serialize;

use super::frame::{Banner, Frame, Link};

/// The context of `proof.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    /// The surroundings.
    pub frame: Frame,
    /// Whether every proof holds.
    pub holds: bool,
    /// 「12 项证明全部成立」 or how many do not.
    pub verdict: String,
    /// When, at which head, how long: 「核对于 …，序号 57，用时 8 毫秒」.
    pub run: String,
    /// Cautions; among them that a stored run is shown.
    pub banners: Vec<Banner>,
    /// The proofs.
    pub lines: Vec<ProofLine>,
    /// How to run the same in a terminal.
    pub command: String,
}

/// One proof.
#[derive(Clone, Debug, Serialize)]
pub struct ProofLine {
    /// What is proved.
    pub name: String,
    /// How much was compared: 「32 笔」.
    pub count: String,
    /// Whether it holds.
    pub holds: bool,
    /// Both sides of the comparison, or the differences.
    pub detail: Vec<String>,
    /// The rows it is about.
    pub link: Option<Link>,
}
