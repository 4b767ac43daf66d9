//! 月报: one report for each project and 报告期 (a month).
//!
//! A draft belongs to a department and a project and is not said yet. Submitting makes a version,
//! which is kept for good; what becomes of it are steps. Where a report stands follows from both
//! ([`course`]). When the office approves, its 完成投资 becomes entries; 到位 and 支付 stay the
//! unit's own account until finance records them.

pub mod answer;
pub mod command;
pub mod content;
pub mod course;
pub mod duty;
pub mod fields;
pub mod figures;
pub mod kept;
pub mod photo;
pub mod store;
pub mod typed;

pub use course::{Stage, State};
pub use duty::{Count, Duty, due_on, duty, owes};

use crate::db::fact;
use crate::error::{Error, Result};
use crate::period::{Day, Month};

fact! {
    /// A submission. What it says is never edited; a later version says something else.
    report_version ReportVersion {
        project_id: i64,
        /// yyyymm.
        month: i32,
        /// 1, 2, … within the project and month.
        number: i32,
        /// The lead department's code on that day.
        department: String,
        submitted_on: i32,
        /// 1: 免内审 was in force, or the office filed it: it goes to the office at once.
        skips_review: i32,
        /// 1: 代报, the office filed it from a paper original.
        by_office: i32,
        /// 1: 本月无投资, which is not the same as not reported.
        is_nothing: i32,
        /// 年初至上月累计 as it stood when this was submitted.
        base_fen: i64,
        /// 本月完成投资; negative for 冲减.
        completed_fen: i64,
        /// Why the cumulative falls; empty when it does not.
        reduction_reason: String,
        /// By how much last month's 预计 is corrected; 0: not.
        correction_fen: i64,
        correction_reason: String,
        /// 形象进度 in words.
        progress: String,
        /// 0–100.
        percent: Option<i32>,
        next_work: String,
        /// 全年预计完成.
        forecast_fen: Option<i64>,
        /// 计划建议数 for the month's year.
        proposal_fen: Option<i64>,
        /// The owner's own judgement: green, yellow, red, or empty.
        judgement: String,
        judgement_reason: String,
        /// The paper original of what the office filed.
        document_id: Option<i64>,
    }
}

fact! {
    /// 到位 or 支付 of this year so far, by source, as the unit says.
    report_line ReportLine {
        version_id: i64,
        /// `Measure::code`: received or paid.
        measure: i32,
        /// None: 未落实.
        source_id: Option<i64>,
        amount_fen: i64,
    }
}

fact! {
    /// 问题 with whom it needs and by when.
    report_problem ReportProblem {
        version_id: i64,
        text: String,
        /// 对口单位; empty when nobody else is needed.
        counterpart: String,
        due_on: Option<i32>,
    }
}

fact! {
    /// 办结.
    problem_answer ProblemAnswer { problem_id: i64, note: String, }
}

fact! {
    /// What became of a version.
    report_step ReportStep {
        project_id: i64,
        month: i32,
        version_id: i64,
        /// [`course::Step::word`].
        step: String,
        /// Whose step it was: [`Stage::word`].
        stage: String,
        taken_on: i32,
        reason: String,
    }
}

fact! {
    /// 现场照片 of a project and month.
    report_photo ReportPhoto {
        project_id: i64,
        month: i32,
        /// The month's document of photos: [`photos_code`].
        document_id: i64,
        attachment_id: i64,
        /// What is to be seen; may be empty.
        caption: String,
        added_on: i32,
    }
}

fact! {
    /// The planner's answer to a 计划建议数; without an entry it was declined.
    proposal_answer ProposalAnswer {
        version_id: i64,
        entry_id: Option<i64>,
        reason: String,
        document_id: Option<i64>,
    }
}

fact! {
    /// 免内审 of a department from a day on, or its end.
    review_waiver ReviewWaiver {
        department: String,
        is_waived: i32,
        effective_on: i32,
        reason: String,
    }
}

/// The owner's own judgement: the word it is stored under and its name on screen.
pub const JUDGEMENTS: [(&str, &str); 3] = [("green", "绿：正常"), ("yellow", "黄：偏慢"), ("red", "红：严重滞后")];

/// What a document that an approved report's entries cite is called: its 文号.
pub fn document_code(project: &str, month: Month) -> String {
    format!("{project} {month} 月报")
}

/// What the document is called that keeps a month's 现场照片. It is not the report's own: what entries
/// cite becomes the public's with them, and photos do not.
pub fn photos_code(project: &str, month: Month) -> String {
    format!("{project} {month} 现场照片")
}

/// The day a report's entries are dated: the month's last, or the day of approval where that is earlier.
pub fn entry_day(month: Month, approved_on: Day) -> Day {
    month.last_day().min(approved_on)
}

/// Whether what was submitted on a day holds an estimate: the month had days to come.
pub fn is_estimate(month: Month, submitted_on: Day) -> bool {
    submitted_on < month.last_day()
}

/// What must be so before a report can be filed:
/// 1. the month has begun;
/// 2. 报送启用月 is set and not after it: before that nothing is due, and nothing is reported;
/// 3. the project is not cancelled.
pub fn check_month(month: Month, from: Option<Month>, stage: &str, today: Day) -> Result<()> {
    let refuse = |message: String| Err(Error::invalid("month", month.to_string(), message));
    if month.first_day() > today {
        return refuse(format!("报告期还没有开始（今天 {today}）；到 {} 再报", month.first_day()));
    }
    match from {
        None => Err(Error::Conflict("月报尚未启用：项目没有设报送启用月，请办公室先设".into())),
        Some(from) if month < from => refuse(format!("月报自 {from} 启用，以前的月份不用报；以前的数由存量补录记入")),
        Some(_) if stage == "cancelled" => Err(Error::Conflict("项目已取消，不再报送月报".into())),
        Some(_) => Ok(()),
    }
}

/// While a department is only thought to lead a project, its people may draft; nothing is said in
/// the department's name.
pub fn check_department(lead: &str, is_inferred: bool) -> Result<()> {
    match (lead, is_inferred) {
        ("", _) => Err(Error::Conflict("项目还没有责任部门，不能提交；请办公室先确认".into())),
        (_, true) => Err(Error::Conflict(
            "责任部门还是推定，不能以部门名义提交；草稿会留着，办公室确认责任部门以后再提交".into(),
        )),
        (_, false) => Ok(()),
    }
}
