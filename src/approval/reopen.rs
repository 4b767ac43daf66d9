//! 重新打开锁定的月份: what was locked has been reported and perhaps published; one person alone
//! does not open it again.

use serde::{Deserialize, Serialize};

use super::{Kind, Request, expiry};
use crate::close::command::{Closing, check_department, locks, reopen};
use crate::close::{Held, Kind as Lock, check_reopen};
use crate::document::check_text;
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::period::Month;

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    kind: String,
    month: i32,
    department: String,
}

/// What two people do to open a month of a lock.
pub fn kind_of(lock: Lock) -> Kind {
    match lock {
        Lock::Reports => Kind::ReopenMonth,
        Lock::Finance => Kind::ReopenFinance,
    }
}

/// The request of opening a month.
pub(super) fn foresee(recording: &mut Recording<'_, '_>, closing: &Closing) -> Result<Request> {
    check_text("reason", &closing.reason, 500)?;
    check_department(recording, &closing.department)?;
    let held = locks(recording, closing.kind)?;
    check_reopen(closing.month, &held, &closing.department)?;
    if held.held(&closing.department, closing.month) == Some(Held::Preclosed) {
        return Err(Error::Conflict(format!("{} 只是预结，财政一个人就能撤销，不用申请", closing.month)));
    }
    let payload = Payload {
        kind: closing.kind.word().into(),
        month: closing.month.raw(),
        department: closing.department.clone(),
    };
    let what = match closing.kind {
        Lock::Reports => "登记、节点、投资和月报",
        Lock::Finance => "预算、到位和支付",
    };
    let whose = if closing.department.is_empty() { "全部" } else { &closing.department };
    Ok(Request {
        id: 0,
        seq: 0,
        kind: kind_of(closing.kind).row().word.into(),
        subject: closing.subject(),
        payload: serde_json::to_string(&payload)
            .map_err(|error| Error::internal("写不出申请的内容", error.to_string()))?,
        before: format!("{}（{}，{whose}）", closing.month, closing.kind.label()),
        after: format!("{} 重新打开", closing.month),
        effect: format!("{} 内又可以记{what}；已经发布的数不变，改动并列显示", closing.month),
        reason: closing.reason.clone(),
        expires_on: expiry(recording)?.raw(),
    })
}

/// Opens what was approved.
///
/// # Errors
/// Refuses when it is no longer the last locked month.
pub(super) fn carry_out(recording: &mut Recording<'_, '_>, request: &Request) -> Result<()> {
    let payload: Payload = serde_json::from_str(&request.payload)
        .map_err(|error| Error::internal("读不出申请的内容", error.to_string()))?;
    let closing = Closing {
        kind: Lock::parse(&payload.kind)?,
        month: Month::from_raw(payload.month)?,
        department: payload.department,
        reason: request.reason.clone(),
    };
    reopen(recording, &closing)
}
