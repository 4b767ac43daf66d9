//! `taizhang user …` and `taizhang token …`: the first account, and the way back in.
//!
//! No password is ever an argument: arguments can be read by everyone on the machine. They are
//! made here and printed once.

use super::args::{Shared, Token, TokenCreate, User, UserAdd, UserChange, UserPasswd};
use super::{open_any, print};
use crate::account::command::{self, NewAccount};
use crate::account::{Person, Rights, role_labels, role_words, store};
use crate::auth::{Actor, Role};
use crate::clock::Instant;
use crate::db::{AnyConnection, Db, Head};
use crate::error::{Error, Result};
use crate::exchange::{Format, Table, Value};
use crate::money::Unit;
use crate::signin::{self, Issued, NewToken};

pub(super) fn run(shared: &Shared, command: User) -> Result<()> {
    let db = open_any(shared)?;
    match command {
        User::Add(add) => open(&db, add),
        User::List => list(&db, shared),
        User::Disable(change) => {
            let (id, reason) = (db.read(|conn| find(conn, &change.login))?, change.reason.clone());
            changed(&change, &db.write(move |tx| command::disable(tx, &Actor::operator(), id, &reason))?)
        }
        User::Enable(change) => {
            let (id, reason) = (db.read(|conn| find(conn, &change.login))?, change.reason.clone());
            changed(&change, &db.write(move |tx| command::enable(tx, &Actor::operator(), id, &reason))?)
        }
        User::Passwd(reset) => passwd(&db, &reset),
    }
}

fn open(db: &Db, add: UserAdd) -> Result<()> {
    let roles = add.role.iter().map(|word| Role::parse(word)).collect::<Result<Vec<_>>>()?;
    let person = Person { login: add.login.clone(), name: add.name, phone: add.phone };
    let rights = Rights::new(roles, add.department, &add.unit);
    let issued = signin::create_account(db, &Actor::operator(), NewAccount { person, rights, reason: add.reason }, "")?;
    say(&add.login, &issued);
    Ok(())
}

fn passwd(db: &Db, reset: &UserPasswd) -> Result<()> {
    let id = db.read(|conn| find(conn, &reset.login))?;
    say(&reset.login, &signin::reset_password(db, &Actor::operator(), id, reset.without_totp, "")?);
    Ok(())
}

fn say(login: &str, issued: &Issued) {
    print(&format!(
        "登录名 {login}（账户 {}），一次性口令 {}\n口令只显示这一次，登录后要先改。\n",
        issued.account, issued.password
    ));
}

fn changed(change: &UserChange, head: &Head) -> Result<()> {
    print(&format!("已记入账户 {} 的变更，日志 {} {}\n", change.login, head.seq, head.at.rfc3339()));
    Ok(())
}

fn find(conn: &mut AnyConnection, login: &str) -> Result<i64> {
    store::find_by_login(conn, &login.to_lowercase())?
        .ok_or_else(|| Error::not_found("登录名", login, "可用 taizhang user list 查看"))
}

fn list(db: &Db, shared: &Shared) -> Result<()> {
    let format = Format::parse(&shared.format)?;
    let day = db.clock().today();
    let standings = db.read(|conn| store::list_standings(conn, day, i64::MAX))?;
    let mut table = Table::new(&[
        ("account", "账户"),
        ("login", "登录名"),
        ("name", "姓名"),
        ("roles", "角色"),
        ("departments", "部门"),
        ("unit", "责任单位"),
        ("active", "启用"),
    ]);
    for standing in standings {
        let (roles, active) = match format {
            Format::Table => (role_labels(&standing.roles()), if standing.is_active { "是" } else { "停用" }),
            _ => (role_words(&standing.roles()), if standing.is_active { "yes" } else { "no" }),
        };
        table.rows.push(vec![
            Value::Number(standing.id),
            standing.login.as_str().into(),
            standing.name.as_str().into(),
            roles.as_str().into(),
            standing.departments().join(",").as_str().into(),
            standing.rights.unit.as_str().into(),
            active.into(),
        ]);
    }
    print(&table.render(format, Unit::Wan)?);
    Ok(())
}

pub(super) fn run_token(shared: &Shared, command: Token) -> Result<()> {
    let db = open_any(shared)?;
    match command {
        Token::Create(create) => create_token(&db, create),
        Token::List { login } => list_tokens(&db, shared, login.as_deref()),
        Token::Revoke { id } => {
            signin::revoke_token(&db, &Actor::operator(), id, "")?;
            print(&format!("已撤销令牌 {id}\n"));
            Ok(())
        }
    }
}

fn create_token(db: &Db, create: TokenCreate) -> Result<()> {
    let account = db.read(|conn| find(conn, &create.login))?;
    let new = NewToken { name: create.name, role: Role::parse(&create.role)?, days: create.days };
    let (id, token) = signin::create_token_for(db, &Actor::operator(), account, new)?;
    print(&format!("令牌 {id}（只显示这一次）：{token}\n"));
    Ok(())
}

fn list_tokens(db: &Db, shared: &Shared, login: Option<&str>) -> Result<()> {
    let format = Format::parse(&shared.format)?;
    let (rows, names) = db.read(|conn| {
        let account = login.map(|login| find(conn, login)).transpose()?;
        Ok((signin::list_tokens(conn, &Actor::operator(), account)?, store::list_names(conn)?))
    })?;
    let mut table = Table::new(&[
        ("token", "令牌"),
        ("owner", "所有人"),
        ("name", "用途"),
        ("role", "角色"),
        ("expires_at", "有效至"),
        ("used_at", "上次使用"),
        ("revoked_at", "撤销于"),
    ]);
    let at = |micros: Option<i64>| micros.map_or(Value::Null, |us| Value::Text(Instant::from_micros(us).rfc3339()));
    for row in rows {
        table.rows.push(vec![
            Value::Number(row.id),
            names.get(&row.account_id).map_or("", String::as_str).into(),
            row.name.as_str().into(),
            row.role.as_str().into(),
            at(Some(row.expires_at_us)),
            at(row.used_at_us),
            at(row.revoked_at_us),
        ]);
    }
    print(&table.render(format, Unit::Wan)?);
    Ok(())
}
