//! 确认: what the plan does not say was read by us and is 推定·待确认 until the office confirms it.
//!
//! 1. The department that is thought to lead answers first: 认领, or 异议 with whom it should be.
//! 2. The office confirms a value by a document. The same value holds from the inferred one's
//!    date, as exactly as that is known: it was so all along. Another value needs a date of its
//!    own; unless told, the document's.
//! 3. Correcting a confirmed value is a new dated fact. Totals follow from its date; what was
//!    answered before stays as it was.

pub mod command;
pub mod store;

use super::{Attribute, NATURES, Standing, Status};
use crate::db::fact;
use crate::document::{Citation, check_text};
use crate::error::{Error, Fault, Result};
use crate::period::{Day, Precision};

fact! {
    /// What a department says of a project that is thought to be its own.
    claim Claim {
        project_id: i64,
        /// The department's code.
        department: String,
        /// `accept` 认领 or `object` 异议.
        answer: String,
        /// The code of the department that should lead, when there is an objection.
        suggested: String,
        reason: String,
    }
}

/// What the office confirms, in the order of its list.
pub const CONFIRMABLE: [Attribute; 6] = [
    Attribute::Category,
    Attribute::LeadDepartment,
    Attribute::Nature,
    Attribute::SupportDepartments,
    Attribute::ResponsibleUnit,
    Attribute::ResponsiblePerson,
];

/// A value to be confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConfirmation {
    /// The project's code.
    pub code: String,
    /// Of what.
    pub attribute: Attribute,
    /// The value: a code, or the name on screen.
    pub value: String,
    /// What stood in the list that was reviewed; empty: not told. A list that has been overtaken
    /// is refused.
    pub seen: Option<String>,
    /// From when a new value holds.
    pub effective_on: Option<(Day, Precision)>,
    /// By which document.
    pub document: Citation,
    /// Why, in a line; may be empty.
    pub reason: String,
}

/// A line of a reviewed list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewed {
    /// Its line in the file.
    pub line: u64,
    /// What it confirms.
    pub new: NewConfirmation,
}

/// What confirming does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The value stays and is confirmed from where it began.
    Same,
    /// Another value, or the first.
    New,
    /// It is confirmed already.
    Unchanged,
}

/// What one confirmation does, before it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The project's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Of what.
    pub attribute: Attribute,
    /// The value in force; empty: none.
    pub before: String,
    /// How sure that is.
    pub before_status: Option<Status>,
    /// The value confirmed, as stored.
    pub after: String,
    /// From when.
    pub from: (Day, Precision),
    /// What it does.
    pub step: Step,
}

/// The names a value can be given by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// 体系: slug, name.
    pub categories: Vec<(String, String)>,
    /// 部门: code, name.
    pub departments: Vec<(String, String)>,
}

/// The stored form of a value that was given by its code or its name.
///
/// # Errors
/// Says what is allowed.
pub fn resolve(attribute: Attribute, text: &str, known: &Known) -> Result<String> {
    match attribute {
        Attribute::Category => one_of(attribute, text, &known.categories),
        Attribute::LeadDepartment => one_of(attribute, text, &known.departments),
        Attribute::Nature => {
            let natures: Vec<(String, String)> = NATURES.map(|(word, label)| (word.into(), label.into())).to_vec();
            one_of(attribute, text, &natures)
        }
        Attribute::SupportDepartments => {
            let mut codes: Vec<String> = Vec::new();
            for part in text.split('、') {
                let code = one_of(attribute, part.trim(), &known.departments)?;
                if codes.contains(&code) {
                    return Err(Error::invalid(attribute.word(), part.trim(), "写了两次"));
                }
                codes.push(code);
            }
            Ok(codes.join("、"))
        }
        Attribute::ResponsibleUnit | Attribute::ResponsiblePerson => {
            super::check_value(attribute, text).map(|()| text.to_owned())
        }
        _ => check_confirmable(attribute).map(|()| text.to_owned()),
    }
}

/// Whether an attribute is one that the office confirms.
pub fn check_confirmable(attribute: Attribute) -> Result<()> {
    if CONFIRMABLE.contains(&attribute) {
        return Ok(());
    }
    let words = CONFIRMABLE.map(|attribute| format!("{}（{}）", attribute.word(), attribute.label()));
    Err(Error::invalid("attribute", attribute.word(), format!("这一项不用确认；可用 {}", words.join("、"))))
}

fn one_of(attribute: Attribute, text: &str, known: &[(String, String)]) -> Result<String> {
    // The plan's authors and the press write 区水务局 for 朝阳区水务局.
    let is = |(code, name): &&(String, String)| code == text || name == text || name.strip_prefix("朝阳") == Some(text);
    match known.iter().find(is) {
        Some((code, _)) => Ok(code.clone()),
        None => {
            let allowed: Vec<String> = known.iter().map(|(code, name)| format!("{code}（{name}）")).collect();
            Err(Error::invalid(attribute.word(), text, format!("没有登记；可用 {}", allowed.join("、"))))
        }
    }
}

/// What confirming `value` does, and from when it holds:
/// 1. confirmed already: nothing;
/// 2. the value in force: from where that began, whatever the document's date;
/// 3. another value: from the day given, else from the document's date, and not before the value
///    in force began, for today's would then stay what it is.
pub fn decide(
    standing: Option<&Standing>,
    is_same: bool,
    given: Option<(Day, Precision)>,
    dated: Option<(Day, Precision)>,
    today: Day,
) -> Result<(Step, (Day, Precision))> {
    let began = standing
        .map(|standing| {
            Ok::<_, Error>((
                Day::from_raw(standing.fact.effective_on)?,
                Precision::parse(&standing.fact.precision)?,
                standing.status,
            ))
        })
        .transpose()?;
    if let (true, Some((day, precision, status))) = (is_same, began) {
        if let Some((other, _)) = given.filter(|(other, _)| *other != day) {
            let message = format!("值没有变，沿用原来的日期 {}；请去掉这个日期", precision.render(day));
            return Err(Error::invalid("effective_on", other.to_string(), message));
        }
        let step = if status == Status::Confirmed { Step::Unchanged } else { Step::Same };
        return Ok((step, (day, precision)));
    }
    let Some(from) = given.or(dated) else {
        let message = "与现有的值不同，要写自哪天起（不写时用文件的日期，而这份文件没有登记日期）";
        return Err(Error::invalid("effective_on", "", message));
    };
    super::check_not_future("effective_on", from.0, today)?;
    match began {
        Some((day, precision, _)) if from.0 < day => Err(Error::invalid(
            "effective_on",
            from.0.to_string(),
            format!("早于现有的值的日期 {}，今天的值不会改变；写这一天或之后", precision.render(day)),
        )),
        _ => Ok((Step::New, from)),
    }
}

/// Faults of a list, each with its line. More than a screenful helps nobody.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes what is wrong with a line.
    pub fn add(&mut self, line: u64, error: Error) -> Result<()> {
        let field = |column: &str| format!("第 {line} 行 {column}");
        match error {
            Error::Invalid(faults) => {
                self.0.extend(faults.into_iter().map(|fault| Fault { field: field(&fault.field), ..fault }));
            }
            Error::NotFound { what, value, hint } => {
                self.0.push(Fault { field: field("code"), value, message: format!("没有这个{what}；{hint}") });
            }
            Error::Conflict(message) => {
                self.0.push(Fault { field: field(""), value: String::new(), message });
            }
            other => return Err(other),
        }
        Ok(())
    }

    /// Nothing wrong, or all of it.
    pub fn into_result(mut self) -> Result<()> {
        const TOLD: usize = 100;
        if self.0.len() > TOLD {
            let message = format!("另有 {} 处没有列出；改完这些再试", self.0.len() - TOLD);
            self.0.truncate(TOLD);
            self.0.push(Fault { field: "其余".into(), value: String::new(), message });
        }
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}

/// What a department answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClaim {
    /// The project's code.
    pub project: String,
    /// The department that answers.
    pub department: String,
    /// 认领 (true) or 异议.
    pub accepts: bool,
    /// Who should lead, when there is an objection; may be unknown.
    pub suggested: Option<String>,
    /// Why; an objection needs it.
    pub reason: String,
}

/// Checks an answer as far as it can be checked without the register.
pub fn check_claim(new: &NewClaim) -> Result<()> {
    if new.accepts {
        if let Some(suggested) = &new.suggested {
            return Err(Error::invalid("suggested", suggested, "认领时不用建议别的牵头单位"));
        }
        return if new.reason.is_empty() { Ok(()) } else { check_text("reason", &new.reason, 500) };
    }
    check_text("reason", &new.reason, 500)?;
    match &new.suggested {
        Some(own) if *own == new.department => Err(Error::invalid("suggested", own, "就是本部门；没有异议请选认领")),
        _ => Ok(()),
    }
}
