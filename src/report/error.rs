//! Any refusal or failure: what happened, what was given, what is allowed, and a way out.

use serde::Serialize;

use super::frame::{Frame, Link};
use crate::error::Fault;

/// The context of `error.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// The surroundings.
    pub frame: Frame,
    /// The status code.
    pub status: String,
    /// What happened, in one sentence.
    pub title: String,
    /// More of it.
    pub text: Option<String>,
    /// Each refused value.
    pub faults: Vec<Fault>,
    /// What to do, one sentence each.
    pub advice: Vec<String>,
    /// The ways out.
    pub links: Vec<Link>,
    /// What to quote when asking for help.
    pub reference: Option<String>,
}
