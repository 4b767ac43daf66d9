//! A report's fields under their names in a form, and what a new report starts from.

use super::store::Draft;
use super::typed::{MAX_LINES, MAX_PROBLEMS, Typed, TypedLine, TypedProblem};
use super::{ProblemAnswer, ReportLine, ReportProblem, ReportVersion};
use crate::error::{Error, Result};
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::Day;
use crate::project::Source;

/// The fields that are one text.
const TEXTS: [&str; 13] = [
    "completed",
    "cumulative",
    "reduction_reason",
    "correction",
    "correction_reason",
    "progress",
    "percent",
    "next_work",
    "forecast",
    "proposal",
    "judgement",
    "judgement_reason",
    "step",
];

impl Typed {
    fn text(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "completed" => &mut self.completed,
            "cumulative" => &mut self.cumulative,
            "reduction_reason" => &mut self.reduction_reason,
            "correction" => &mut self.correction,
            "correction_reason" => &mut self.correction_reason,
            "progress" => &mut self.progress,
            "percent" => &mut self.percent,
            "next_work" => &mut self.next_work,
            "forecast" => &mut self.forecast,
            "proposal" => &mut self.proposal,
            "judgement" => &mut self.judgement,
            "judgement_reason" => &mut self.judgement_reason,
            _ => return None,
        })
    }

    /// What a form's fields say.
    ///
    /// # Errors
    /// Names a field that is not known or given twice.
    pub fn of_pairs(pairs: &[(String, String)]) -> Result<Typed> {
        let mut typed = Typed::default();
        for (at, (name, value)) in pairs.iter().enumerate() {
            let shown: String = name.chars().take(60).collect();
            if pairs.iter().take(at).any(|(other, _)| other == name) {
                return Err(Error::invalid(shown, "", "只能给一次"));
            }
            let value = value.trim();
            match name.as_str() {
                "is_nothing" => typed.is_nothing = value == "yes",
                "is_reduction" => typed.is_reduction = value == "yes",
                "step" => {}
                name => match typed.text(name) {
                    Some(text) => value.clone_into(text),
                    None => typed
                        .row(name, value)
                        .ok_or_else(|| Error::invalid(shown, "", format!("没有这一项；可用 {}", TEXTS.join("、"))))?,
                },
            }
        }
        typed.lines.retain(|line| !line.is_empty());
        typed.problems.retain(|problem| !problem.is_empty());
        Ok(typed)
    }

    /// A field of a numbered row.
    fn row(&mut self, name: &str, value: &str) -> Option<()> {
        let (field, row) = name.rsplit_once('_')?;
        let at = row.parse::<usize>().ok()?.checked_sub(1)?;
        match field {
            "source" | "received" | "paid" if at < MAX_LINES => {
                while self.lines.len() <= at {
                    self.lines.push(TypedLine::default());
                }
                let line = self.lines.get_mut(at)?;
                let text = match field {
                    "source" => &mut line.source,
                    "received" => &mut line.received,
                    _ => &mut line.paid,
                };
                value.clone_into(text);
            }
            "problem" | "counterpart" | "problem_due" if at < MAX_PROBLEMS => {
                while self.problems.len() <= at {
                    self.problems.push(TypedProblem::default());
                }
                let problem = self.problems.get_mut(at)?;
                let text = match field {
                    "problem" => &mut problem.text,
                    "counterpart" => &mut problem.counterpart,
                    _ => &mut problem.due_on,
                };
                value.clone_into(text);
            }
            _ => return None,
        }
        Some(())
    }

    /// Its fields under their names.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let mut copy = self.clone();
        let mut pairs: Vec<(String, String)> =
            TEXTS.iter().filter_map(|name| copy.text(name).map(|text| ((*name).to_owned(), text.clone()))).collect();
        for (name, is_so) in [("is_nothing", self.is_nothing), ("is_reduction", self.is_reduction)] {
            pairs.push((name.to_owned(), if is_so { "yes".into() } else { String::new() }));
        }
        for (at, line) in self.lines.iter().enumerate() {
            for (name, text) in [("source", &line.source), ("received", &line.received), ("paid", &line.paid)] {
                pairs.push((format!("{name}_{}", at + 1), text.clone()));
            }
        }
        for (at, problem) in self.problems.iter().enumerate() {
            let texts =
                [("problem", &problem.text), ("counterpart", &problem.counterpart), ("problem_due", &problem.due_on)];
            for (name, text) in texts {
                pairs.push((format!("{name}_{}", at + 1), text.clone()));
            }
        }
        pairs
    }

    /// What a draft holds.
    ///
    /// # Errors
    /// A draft that cannot be read is a fault of ours.
    pub fn of_draft(draft: &Draft) -> Result<Typed> {
        serde_json::from_str(&draft.content).map_err(|cause| Error::internal("读不出草稿", cause.to_string()))
    }
}

/// A version with its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// The version.
    pub version: ReportVersion,
    /// Its money by source.
    pub lines: Vec<ReportLine>,
    /// Its problems with 办结.
    pub problems: Vec<(ReportProblem, Option<ProblemAnswer>)>,
}

fn wan(fen: i64) -> String {
    Fen::new(fen).wan_exact()
}

impl Whole {
    /// The same as it would be typed: what was returned or withdrawn is mended from here.
    pub fn typed(&self, sources: &[Source]) -> Typed {
        let version = &self.version;
        Typed {
            is_nothing: version.is_nothing != 0,
            completed: if version.is_nothing != 0 { String::new() } else { wan(version.completed_fen) },
            cumulative: String::new(),
            is_reduction: version.completed_fen < 0,
            reduction_reason: version.reduction_reason.clone(),
            correction: if version.correction_fen == 0 { String::new() } else { wan(version.correction_fen) },
            correction_reason: version.correction_reason.clone(),
            lines: self.typed_lines(sources),
            progress: version.progress.clone(),
            percent: version.percent.map_or_else(String::new, |percent| percent.to_string()),
            problems: self.typed_problems(),
            next_work: version.next_work.clone(),
            forecast: version.forecast_fen.map_or_else(String::new, wan),
            proposal: version.proposal_fen.map_or_else(String::new, wan),
            judgement: version.judgement.clone(),
            judgement_reason: version.judgement_reason.clone(),
        }
    }

    /// What the next month starts from: everything but the month's own amounts and what is settled.
    /// Money received and paid is of the year, so January starts without.
    pub fn next_month(&self, sources: &[Source]) -> Typed {
        let is_december = self.version.month % 100 == 12;
        let of_year = |text: String| if is_december { String::new() } else { text };
        let before = self.typed(sources);
        Typed {
            is_nothing: false,
            completed: String::new(),
            is_reduction: false,
            reduction_reason: String::new(),
            correction: String::new(),
            correction_reason: String::new(),
            lines: if is_december { Vec::new() } else { before.lines },
            forecast: of_year(before.forecast),
            proposal: String::new(),
            ..before
        }
    }

    fn typed_lines(&self, sources: &[Source]) -> Vec<TypedLine> {
        let mut lines: Vec<TypedLine> = Vec::new();
        for line in &self.lines {
            let source = sources.iter().find(|source| Some(source.id) == line.source_id);
            let code = source.map_or_else(String::new, |source| source.code.clone());
            let at = lines.iter().position(|typed| typed.source == code).unwrap_or_else(|| {
                lines.push(TypedLine { source: code, ..TypedLine::default() });
                lines.len() - 1
            });
            let Some(typed) = lines.get_mut(at) else { continue };
            let slot = if line.measure == Measure::Received.code() { &mut typed.received } else { &mut typed.paid };
            *slot = wan(line.amount_fen);
        }
        lines
    }

    fn typed_problems(&self) -> Vec<TypedProblem> {
        let open = self.problems.iter().filter(|(_, answer)| answer.is_none());
        open.map(|(problem, _)| TypedProblem {
            text: problem.text.clone(),
            counterpart: problem.counterpart.clone(),
            due_on: problem
                .due_on
                .and_then(|raw| Day::from_raw(raw).ok())
                .map_or_else(String::new, |day| day.to_string()),
        })
        .collect()
    }
}
