//! The accounts a database starts with.

use super::manage::{Issued, create_account, create_with};
use super::password;
use crate::account::command::NewAccount;
use crate::account::{Person, Rights, store};
use crate::auth::{Actor, Role};
use crate::db::Db;
use crate::error::Result;

/// The login of the first account.
pub const FIRST: &str = "office";

/// Opens the first account of a register that has none: the office's, with a one-time password that is
/// known to the caller alone. None when there is an account already.
pub fn open_first(db: &Db) -> Result<Option<Issued>> {
    if db.read(store::count)? > 0 {
        return Ok(None);
    }
    let new = NewAccount {
        person: Person { login: FIRST.into(), name: "领导小组办公室".into(), phone: String::new() },
        rights: Rights::new(vec![Role::Office], Vec::new(), ""),
        reason: "首次启动".into(),
    };
    create_account(db, &Actor::operator(), new, "").map(Some)
}

/// The demonstration's password: on every button of its sign-in page, and good for nothing else.
pub const DEMO_PASSWORD: &str = "demo-台账-2025";
/// The department whose people the demonstration shows: it leads more projects than most.
pub const DEMO_DEPARTMENT: &str = "water";

/// The demonstration's people: login, name on screen, role.
pub const DEMO: [(&str, &str, Role); 6] = [
    ("office", "样例·办公室", Role::Office),
    ("finance", "样例·财政", Role::Finance),
    ("planner", "样例·计划", Role::Planner),
    ("reporter", "样例·水务填报", Role::Reporter),
    ("reviewer", "样例·水务审核", Role::Reviewer),
    ("leader", "样例·领导", Role::Leader),
];

/// Opens the demonstration's accounts.
pub fn open_demo(db: &Db, actor: &Actor) -> Result<()> {
    for (login, name, role) in DEMO {
        let departments = if role.is_owner() { vec![DEMO_DEPARTMENT.to_owned()] } else { Vec::new() };
        let new = NewAccount {
            person: Person { login: login.into(), name: name.into(), phone: String::new() },
            rights: Rights::new(vec![role], departments, ""),
            reason: "演示".into(),
        };
        create_with(db, actor, new, password::hash(DEMO_PASSWORD)?, false, "")?;
    }
    Ok(())
}
