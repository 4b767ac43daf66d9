//! A report as it is typed: all of it text, so that a half-filled draft is kept as it is; and how it
//! is read into [`Content`].

use serde::{Deserialize, Serialize};

use super::JUDGEMENTS;
use super::content::{Content, Line, Problem, of_year};
use crate::error::{Error, Fault, Result};
use crate::ledger::check_amount;
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::{Day, Month};

/// Words in a field of a report: a page of text, so that twelve megabytes are refused by name.
pub const MAX_PROSE: usize = 2_000;
/// A reason, a counterpart: a line.
pub const MAX_LINE: usize = 200;
/// Sources of money: as many as the register knows, with room.
pub const MAX_LINES: usize = 15;
/// Problems of one report: what is worth the office's attention.
pub const MAX_PROBLEMS: usize = 10;

/// What was typed. Money is in 万元; empty is not zero.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// 本月无投资.
    pub is_nothing: bool,
    /// 本月完成投资.
    pub completed: String,
    /// 年初至本月累计, for whoever has it rather than the month's.
    pub cumulative: String,
    /// 这是冲减.
    pub is_reduction: bool,
    /// Why.
    pub reduction_reason: String,
    /// 更正上月, more or less.
    pub correction: String,
    /// Why.
    pub correction_reason: String,
    /// 到位 and 支付 by source.
    pub lines: Vec<TypedLine>,
    /// 形象进度.
    pub progress: String,
    /// In percent.
    pub percent: String,
    /// 问题.
    pub problems: Vec<TypedProblem>,
    /// 下月工作.
    pub next_work: String,
    /// 全年预计完成.
    pub forecast: String,
    /// 计划建议数.
    pub proposal: String,
    /// A word of [`JUDGEMENTS`].
    pub judgement: String,
    /// Why.
    pub judgement_reason: String,
}

/// This year's money so far from one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedLine {
    /// The source's code; empty: 未落实.
    pub source: String,
    /// 到位.
    pub received: String,
    /// 支付.
    pub paid: String,
}

/// A problem.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedProblem {
    /// What.
    pub text: String,
    /// 对口单位.
    pub counterpart: String,
    /// By when.
    pub due_on: String,
}

impl TypedLine {
    /// Whether nothing was typed in it.
    pub fn is_empty(&self) -> bool {
        self.received.is_empty() && self.paid.is_empty()
    }
}

impl TypedProblem {
    /// Whether nothing was typed in it.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.counterpart.is_empty() && self.due_on.is_empty()
    }
}

/// Faults found so far, each at its field.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn keep<T>(&mut self, field: &str, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => return Some(value),
            Err(Error::Invalid(faults)) => {
                self.0.extend(faults.into_iter().map(|f| Fault { field: field.into(), ..f }))
            }
            Err(other) => self.0.push(Fault { field: field.into(), value: String::new(), message: other.to_string() }),
        }
        None
    }

    fn add(&mut self, field: &str, value: &str, message: &str) {
        let value = value.chars().take(60).collect();
        self.0.push(Fault { field: field.into(), value, message: message.into() });
    }

    /// An amount that may be left empty.
    fn money(&mut self, field: &str, text: &str) -> Option<Fen> {
        if text.is_empty() {
            return None;
        }
        let read = Fen::parse_wan(text).and_then(|fen| check_amount(fen).map(|()| fen));
        self.keep(field, read)
    }

    /// The same, not negative.
    fn positive(&mut self, field: &str, text: &str) -> Option<Fen> {
        let fen = self.money(field, text)?;
        if fen < Fen::ZERO {
            self.add(field, text, "不能为负");
        }
        Some(fen)
    }

    fn text(&mut self, field: &str, text: &str, max: usize) {
        self.keep(field, check_prose(text, max));
    }
}

/// Text of several lines; may be empty.
fn check_prose(text: &str, max: usize) -> Result<()> {
    let shown = || text.chars().take(60).filter(|c| !c.is_control()).collect::<String>();
    match text.chars().count() {
        n if n > max => Err(Error::invalid("text", shown(), format!("有 {n} 个字；最多 {max} 个字"))),
        _ if text.chars().any(|c| c.is_control() && c != '\n') => {
            Err(Error::invalid("text", shown(), "含控制字符；请删掉重新输入"))
        }
        _ => Ok(()),
    }
}

impl Typed {
    /// What is too long even for a draft.
    ///
    /// # Errors
    /// Names every field that is.
    pub fn check_draft(&self) -> Result<()> {
        let mut faults = Faults::default();
        self.check_texts(&mut faults);
        self.end(faults, ())
    }

    fn check_texts(&self, faults: &mut Faults) {
        for (field, text) in [("progress", &self.progress), ("next_work", &self.next_work)] {
            faults.text(field, text, MAX_PROSE);
        }
        for (field, text) in [
            ("completed", &self.completed),
            ("cumulative", &self.cumulative),
            ("reduction_reason", &self.reduction_reason),
            ("correction", &self.correction),
            ("correction_reason", &self.correction_reason),
            ("percent", &self.percent),
            ("forecast", &self.forecast),
            ("proposal", &self.proposal),
            ("judgement_reason", &self.judgement_reason),
        ] {
            faults.text(field, text, MAX_LINE);
        }
        for (at, line) in self.lines.iter().enumerate() {
            for (name, text) in [("source", &line.source), ("received", &line.received), ("paid", &line.paid)] {
                faults.text(&format!("{name}_{}", at + 1), text, MAX_LINE);
            }
        }
        for (at, problem) in self.problems.iter().enumerate() {
            for (name, text, max) in [
                ("problem", &problem.text, 500),
                ("counterpart", &problem.counterpart, MAX_LINE),
                ("problem_due", &problem.due_on, MAX_LINE),
            ] {
                faults.text(&format!("{name}_{}", at + 1), text, max);
            }
        }
        if self.lines.len() > MAX_LINES {
            faults.add("lines", "", "资金来源行太多");
        }
        if self.problems.len() > MAX_PROBLEMS {
            faults.add("problems", "", "一次最多报 10 个问题");
        }
    }

    fn end<T>(&self, faults: Faults, value: T) -> Result<T> {
        if faults.0.is_empty() { Ok(value) } else { Err(Error::Invalid(faults.0)) }
    }

    /// What it says as the report of a month, when it may be submitted; `base` is 年初至上月累计.
    ///
    /// # Errors
    /// Every fault at its field.
    pub fn read(&self, month: Month, base: Fen) -> Result<Content> {
        let mut faults = Faults::default();
        self.check_texts(&mut faults);
        let correction = faults.money("correction", &self.correction).unwrap_or(Fen::ZERO);
        if correction != Fen::ZERO && self.correction_reason.is_empty() {
            faults.add("correction_reason", "", "更正上月要写原因");
        }
        let base = base.checked_add(of_year(month, correction))?;
        let completed = self.month_of(base, &mut faults);
        self.check_reduction(completed, &mut faults);
        if self.progress.trim().is_empty() && !self.is_nothing {
            faults.add("progress", "", "要填：用一两句话写本月形象进度");
        }
        let percent = self.read_percent(&mut faults);
        if !self.judgement.is_empty() && !JUDGEMENTS.iter().any(|(word, _)| *word == self.judgement) {
            faults.add("judgement", &self.judgement, "可用 green、yellow、red，或不填");
        }
        let lines = self.read_lines(&mut faults);
        let problems = self.read_problems(&mut faults);
        let content = Content {
            month,
            is_nothing: self.is_nothing,
            completed,
            reduction_reason: self.reduction_reason.trim().into(),
            correction,
            correction_reason: self.correction_reason.trim().into(),
            lines,
            progress: self.progress.trim().into(),
            percent,
            problems,
            next_work: self.next_work.trim().into(),
            forecast: faults.positive("forecast", &self.forecast),
            proposal: faults.positive("proposal", &self.proposal),
            judgement: self.judgement.clone(),
            judgement_reason: self.judgement_reason.trim().into(),
        };
        self.end(faults, content)
    }

    /// 本月完成投资:
    /// 1. 本月无投资 is zero, and then no amount is typed;
    /// 2. the month's amount, or the year's cumulative less what stood before, one of them;
    /// 3. typed both, they must agree.
    fn month_of(&self, base: Fen, faults: &mut Faults) -> Fen {
        let month = faults.money("completed", &self.completed);
        let cumulative = faults.money("cumulative", &self.cumulative);
        let typed = faults.0.iter().any(|fault| ["completed", "cumulative"].contains(&fault.field.as_str()));
        if self.is_nothing {
            let amount = month.filter(|fen| *fen != Fen::ZERO);
            if amount.is_some() || cumulative.is_some_and(|fen| fen != base) {
                faults.add("completed", &self.completed, "已选“本月无投资”，不再填本月完成投资");
            }
            return Fen::ZERO;
        }
        let by_cumulative = cumulative.map(|fen| fen.checked_sub(base));
        match (month, by_cumulative) {
            (Some(month), None) => month,
            (None, Some(Ok(month))) => month,
            (Some(month), Some(Ok(other))) => {
                if month != other {
                    let message = format!(
                        "与累计对不上：上月累计 {} 万元，加本月 {} 万元，不等于填的累计；只填一项即可",
                        base.wan_words(),
                        month.wan_words()
                    );
                    faults.add("cumulative", &self.cumulative, &message);
                }
                month
            }
            (_, Some(Err(error))) => {
                faults.keep::<()>("cumulative", Err(error));
                Fen::ZERO
            }
            (None, None) => {
                if !typed {
                    faults.add("completed", "", "要填本月完成投资；确实没有的，选“本月无投资”");
                }
                Fen::ZERO
            }
        }
    }

    /// A falling cumulative is 冲减, which is said and explained.
    fn check_reduction(&self, completed: Fen, faults: &mut Faults) {
        let field = if self.completed.is_empty() { "cumulative" } else { "completed" };
        match (completed < Fen::ZERO, self.is_reduction) {
            (true, false) => {
                let value = if self.completed.is_empty() { &self.cumulative } else { &self.completed };
                faults.add(field, value, "累计比上月少；确属冲减的，写明冲减原因（填报页上选“这是冲减”并写原因）");
            }
            (true, true) if self.reduction_reason.trim().is_empty() => {
                faults.add("reduction_reason", "", "冲减要写原因");
            }
            (false, true) => faults.add("is_reduction", "", "累计没有减少，不是冲减；请去掉这个选择"),
            _ => {}
        }
    }

    fn read_percent(&self, faults: &mut Faults) -> Option<i32> {
        if self.percent.is_empty() {
            return None;
        }
        let percent = self.percent.trim_end_matches(['%', '％']).parse::<i32>().ok();
        let percent = percent.filter(|percent| (0..=100).contains(percent));
        if percent.is_none() {
            faults.add("percent", &self.percent, "写 0 至 100 的整数，不确定就空着");
        }
        percent
    }

    fn read_lines(&self, faults: &mut Faults) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        for (at, typed) in self.lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
            let source = Some(typed.source.clone()).filter(|code| !code.is_empty());
            if lines.iter().any(|line| line.source == source) {
                faults.add(&format!("source_{}", at + 1), &typed.source, "这个来源写了两行；合成一行");
            }
            for (name, measure, text) in
                [("received", Measure::Received, &typed.received), ("paid", Measure::Paid, &typed.paid)]
            {
                if let Some(amount) = faults.positive(&format!("{name}_{}", at + 1), text) {
                    lines.push(Line { measure, source: source.clone(), amount });
                }
            }
        }
        lines
    }

    fn read_problems(&self, faults: &mut Faults) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (at, typed) in self.problems.iter().enumerate().filter(|(_, problem)| !problem.is_empty()) {
            if typed.text.trim().is_empty() {
                faults.add(&format!("problem_{}", at + 1), "", "要写是什么问题");
            }
            let due_on = match typed.due_on.as_str() {
                "" => None,
                text => faults.keep(&format!("problem_due_{}", at + 1), Day::parse(text)),
            };
            problems.push(Problem {
                text: typed.text.trim().into(),
                counterpart: typed.counterpart.trim().into(),
                due_on,
            });
        }
        problems
    }
}
