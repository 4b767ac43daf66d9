//! Lights: a start that is due, months of a plan, and what people say of a red one.

use super::story::{Act, Step, cite};
use crate::error::Result;
use crate::light::command::{NewJudgement, NewMonths};
use crate::light::{Light, Sayer};
use crate::period::{Day, Month, Year};
use crate::project::Attribute;
use crate::project::command::Change;

/// What makes the lights of September tell something.
pub(super) fn steps(steps: &mut Vec<Step>) -> Result<()> {
    // CY-08 is to begin in September and has not: the first month of 应开未开.
    let change = Change {
        code: "CY-08".into(),
        attribute: Attribute::Stage,
        value: "preparation".into(),
        effective_on: Day::parse("2024-03-01")?,
        document: cite("样例〔2024〕6号"),
        reason: String::new(),
    };
    steps.push(Step { on: "2024-03-01".into(), act: Act::Change(change) });
    let months = NewMonths {
        project: "CY-17".into(),
        year: Year::parse("2025")?,
        first: Month::parse("2025-04")?,
        last: Month::parse("2025-12")?,
        curve: Vec::new(),
        effective_on: None,
        reason: "4 月下达，4 月起算".into(),
    };
    steps.push(Step { on: "2025-04-10".into(), act: Act::Months(months, "样例〔2025〕4号".into()) });
    let mut say = |sayer, light, reason: &str, document: Option<&str>| -> Result<()> {
        let said = NewJudgement {
            project: "CY-26".into(),
            month: Month::parse("2025-09")?,
            sayer,
            light: Some(light),
            reason: reason.into(),
            expires_on: None,
        };
        steps.push(Step { on: "2025-09-26".into(), act: Act::Say(said, document.map(str::to_owned)) });
        Ok(())
    };
    say(Sayer::Supervisor, Light::Yellow, "主体已完工，只剩验收", None)?;
    say(Sayer::Office, Light::Yellow, "延期申请已受理，待批复", Some("样例〔2025〕12号"))
}
