//! 授予办公室角色: whoever holds it confirms, publishes and looks after accounts, so one person
//! alone does not hand it out. The first is granted by the operator (`taizhang user`).

use serde::{Deserialize, Serialize};

use super::{Kind, Request, expiry};
use crate::account::command::grant;
use crate::account::{Rights, Standing, role_labels, role_words, store};
use crate::auth::Role;
use crate::document::check_text;
use crate::error::{Error, Result};
use crate::journal::Recording;

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    account: i64,
    /// What the account held when it was asked.
    roles: String,
}

/// The request of granting `office` to an account.
pub(super) fn foresee(recording: &mut Recording<'_, '_>, account: i64, reason: &str) -> Result<Request> {
    check_text("reason", reason, 500)?;
    let before = standing(recording, account)?;
    if before.rights.roles.contains(&Role::Office) {
        return Err(Error::Conflict("这个账户已经有办公室角色".into()));
    }
    let payload = Payload { account, roles: role_words(&before.rights.roles) };
    Ok(Request {
        id: 0,
        seq: 0,
        kind: Kind::GrantOffice.row().word.into(),
        subject: format!("account:{account}"),
        payload: serde_json::to_string(&payload)
            .map_err(|error| Error::internal("写不出申请的内容", error.to_string()))?,
        before: format!("角色：{}", role_labels(&before.rights.roles)),
        after: format!("角色：{}", role_labels(&wanted(&before).roles)),
        effect: "可以确认、发布、改设置、管理账户".into(),
        reason: reason.to_owned(),
        expires_on: expiry(recording)?.raw(),
    })
}

/// Grants what was approved.
///
/// # Errors
/// Refuses when the account's roles have changed since.
pub(super) fn carry_out(recording: &mut Recording<'_, '_>, request: &Request) -> Result<()> {
    let payload: Payload = serde_json::from_str(&request.payload)
        .map_err(|error| Error::internal("读不出申请的内容", error.to_string()))?;
    let before = standing(recording, payload.account)?;
    if role_words(&before.rights.roles) != payload.roles {
        return Err(Error::Conflict("申请之后这个账户的角色已经变了；请按现在的角色重新申请".into()));
    }
    grant(recording, &before, &wanted(&before), &request.reason)
}

fn standing(recording: &mut Recording<'_, '_>, account: i64) -> Result<Standing> {
    let today = recording.today();
    let standing = store::get_standing(recording.tx().conn(), account, today)?;
    match standing.is_active {
        true => Ok(standing),
        false => Err(Error::Conflict("账户已停用，不能授予角色；先启用".into())),
    }
}

fn wanted(before: &Standing) -> Rights {
    let roles = before.rights.roles.iter().copied().chain([Role::Office]).collect();
    Rights::new(roles, before.rights.departments.clone(), &before.rights.unit)
}
