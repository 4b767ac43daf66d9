//! 部门: one that the plan's files did not name is registered, so that it can be confirmed as leading
//! or supporting and its people can have accounts.
//!
//! A department is its code and its name; both stay. One that is renamed or merged is registered
//! under its new name, and what it leads is confirmed as the new one's from the document's day on:
//! answers about earlier days keep the earlier name.

pub mod command;

use crate::document::{Citation, check_text};
use crate::error::{Error, Result};
use crate::period::Day;

/// A department to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDepartment {
    /// What addresses and files call it: `commerce`.
    pub code: String,
    /// Its full name.
    pub name: String,
    /// Since when it is there; empty: the document's day, or today.
    pub effective_on: Option<Day>,
    /// The document that says so.
    pub document: Option<Citation>,
    /// Why, where there is no document.
    pub reason: String,
}

impl NewDepartment {
    /// What can be checked without the register: a code that fits an address and a list of codes,
    /// a name that fits one line and is not two, and something it rests on.
    pub fn check(&self) -> Result<()> {
        let fits = (2..=32).contains(&self.code.len())
            && self.code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && self.code.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
            && !self.code.ends_with('-')
            && self.code != "none";
        if !fits {
            let message = "2–32 个小写英文字母、数字和连字符，以字母开头，如 commerce；none 另有所指";
            return Err(Error::invalid("code", self.code.chars().take(60).collect::<String>(), message));
        }
        check_text("name", &self.name, 40)?;
        if self.name.contains(['、', '，', ',', ';', '；']) {
            return Err(Error::invalid("name", &self.name, "一次登记一个部门，名称里不用顿号、逗号和分号"));
        }
        match (&self.document, self.reason.as_str()) {
            (None, "") => Err(Error::invalid("reason", "", "写依据的文号，或写明原因")),
            (_, "") => Ok(()),
            (_, reason) => check_text("reason", reason, 500),
        }
    }

    /// Where it comes from, in a line.
    fn origin(&self, since: Day) -> String {
        let document = self.document.as_ref().map(|document| format!("依据 {}", document.code));
        let reason = Some(self.reason.clone()).filter(|reason| !reason.is_empty());
        let parts: Vec<String> = [Some(format!("自 {since}")), document, reason].into_iter().flatten().collect();
        parts.join("；")
    }
}

/// The name as people shorten it: 区水务局 for 朝阳区水务局. Two departments must not share it.
pub fn short_name(name: &str) -> &str {
    name.strip_prefix("朝阳").unwrap_or(name)
}

/// The pieces of `、协同部门、` that name a department: its name, the name without the district's,
/// or that with a remark in brackets.
pub fn supported_by(name: &str) -> Vec<String> {
    let short = name.strip_prefix("朝阳").unwrap_or(name);
    let mut pieces = vec![format!("、{name}、"), format!("、{short}、"), format!("、{short}（")];
    pieces.dedup();
    pieces
}

/// Whether one of the pieces stands in the list of 协同部门.
pub fn is_among(supports: &str, pieces: &[String]) -> bool {
    let listed = format!("、{supports}、");
    pieces.iter().any(|piece| listed.contains(piece.as_str()))
}
