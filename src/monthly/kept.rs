//! A department's sheet and its lines show a part of each report. What they do not show is kept as it stood in
//! what the report starts from, and is never lost without a word.

use super::typed::{Typed, TypedProblem};

/// What a report starts from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Base {
    /// What it holds.
    pub typed: Typed,
    /// Whether it is the month's own: its draft, or the version that came back. Else last month's, whose words of
    /// its month are not this month's.
    pub is_own: bool,
}

impl Base {
    /// What was typed, with what was not shown:
    /// 1. texts of several lines, shown in one, stay as they were while nobody changed them;
    /// 2. of the month's own report every field that the form or the sheet has not is kept;
    /// 3. problems beyond the one that is shown are kept.
    ///
    /// `said` tells whether there was a place for a field. `by_place`: money stands in the order of the base's
    /// sources rather than under their codes.
    pub fn complete(&self, typed: Typed, said: impl Fn(&str) -> bool, by_place: bool) -> Typed {
        let base = &self.typed;
        let mut made = typed;
        for (mine, theirs) in [(&mut made.progress, &base.progress), (&mut made.next_work, &base.next_work)] {
            unfold(mine, theirs);
        }
        if by_place {
            for (line, known) in made.lines.iter_mut().zip(&base.lines) {
                line.source = known.source.clone();
            }
        }
        made.lines.retain(|line| !line.is_empty());
        self.complete_problems(&mut made, &said);
        if !self.is_own {
            return made;
        }
        if !["is_nothing", "completed", "cumulative"].into_iter().any(&said) {
            made.is_nothing = base.is_nothing;
            made.completed = base.completed.clone();
            made.cumulative = base.cumulative.clone();
        }
        if !said("reduction_reason") && made.completed == base.completed {
            made.is_reduction = base.is_reduction;
            made.reduction_reason = base.reduction_reason.clone();
        }
        if !said("received_1") && !said("paid_1") {
            made.lines = base.lines.clone();
        }
        for (name, mine, theirs) in [
            ("correction", &mut made.correction, &base.correction),
            ("correction_reason", &mut made.correction_reason, &base.correction_reason),
            ("progress", &mut made.progress, &base.progress),
            ("percent", &mut made.percent, &base.percent),
            ("next_work", &mut made.next_work, &base.next_work),
            ("forecast", &mut made.forecast, &base.forecast),
            ("proposal", &mut made.proposal, &base.proposal),
            ("judgement", &mut made.judgement, &base.judgement),
            ("judgement_reason", &mut made.judgement_reason, &base.judgement_reason),
        ] {
            if !said(name) {
                mine.clone_from(theirs);
            }
        }
        made
    }

    fn complete_problems(&self, made: &mut Typed, said: &impl Fn(&str) -> bool) {
        let mut known = self.typed.problems.iter();
        let first = known.next().cloned().unwrap_or_default();
        if !said("problem_1") {
            made.problems = if self.is_own { self.typed.problems.clone() } else { Vec::new() };
            return;
        }
        if let Some(own) = made.problems.first_mut() {
            unfold(&mut own.text, &first.text);
            let is_same = own.text == first.text;
            if !said("counterpart_1") && is_same {
                own.counterpart = first.counterpart;
            }
            if !said("problem_due_1") && is_same {
                own.due_on = first.due_on;
            }
        }
        let rest: Vec<TypedProblem> = known.cloned().collect();
        for problem in rest {
            if !made.problems.contains(&problem) {
                made.problems.push(problem);
            }
        }
    }

    /// What is kept of a completed report and stands nowhere in a department's sheet, in words.
    pub fn kept_words(&self, made: &Typed) -> Vec<String> {
        let mut words = Vec::new();
        if made.problems.len() > 1 {
            words.push(format!("另 {} 个问题", made.problems.len() - 1));
        }
        for (word, value) in [("自评", &made.judgement), ("更正上月", &made.correction)] {
            if !value.is_empty() {
                words.push(word.to_owned());
            }
        }
        words
    }
}

/// The text as it was, when it is the same but for its lines.
fn unfold(mine: &mut String, theirs: &str) {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if mine != theirs && one_line(mine) == one_line(theirs) {
        theirs.clone_into(mine);
    }
}
