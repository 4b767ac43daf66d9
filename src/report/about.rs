//! `/about` 十分钟看懂: six steps, each with today's live result.

use serde::Serialize;

use super::frame::{Frame, Link};

/// The context of `about.html`.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    /// The surroundings.
    pub frame: Frame,
    /// What this is, in two sentences.
    pub summary: String,
    /// The steps.
    pub steps: Vec<Step>,
    /// What does not work yet, said plainly.
    pub not_yet: Vec<String>,
}

/// A step: what to see, what it shows today, where to look.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// What the reader can convince himself of.
    pub title: String,
    /// How.
    pub text: String,
    /// What it shows today.
    pub result: Option<String>,
    /// Where.
    pub links: Vec<Link>,
    /// A command that shows the same in a terminal.
    pub command: Option<String>,
}
