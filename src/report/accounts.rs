//! `/admin/accounts` and `/admin/security`: what the office looks after.

use super::asked::Asked;
use super::form::{Field, Filled, Form};
use super::frame::{Banner, Link, Tone};
use super::own_account::token_table;
use super::section::{Section, Sections, fact, table};
use super::table::{Cell, Kind, Row, Table};
use crate::account::{Attribute, Person, Rights, Standing, role_labels, store};
use crate::auth::{Action, Role, authorise};
use crate::clock::Instant;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::period::Day;
use crate::signin::{self, Kind as Happened, log};

/// What can be done to an account, with the last part of the form's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Other roles, departments, unit.
    Change,
    /// Disable.
    Disable,
    /// Enable.
    Enable,
    /// 临时授权.
    Delegate,
    /// End a delegation.
    EndDelegation,
    /// 交接.
    HandOver,
    /// Another name or phone.
    Rename,
    /// Erase name, login and phone.
    Erase,
    /// A one-time password.
    Password,
    /// End every session.
    EndSessions,
}

impl Deed {
    /// Every deed with its word in the address.
    pub const ALL: [(Deed, &'static str); 10] = [
        (Deed::Change, "change"),
        (Deed::Disable, "disable"),
        (Deed::Enable, "enable"),
        (Deed::Delegate, "delegate"),
        (Deed::EndDelegation, "end-delegation"),
        (Deed::HandOver, "hand-over"),
        (Deed::Rename, "rename"),
        (Deed::Erase, "erase"),
        (Deed::Password, "password"),
        (Deed::EndSessions, "end-sessions"),
    ];

    /// The deed of a word.
    ///
    /// # Errors
    /// When there is none.
    pub fn parse(word: &str) -> Result<Deed> {
        let found = Deed::ALL.iter().find(|(_, known)| *known == word).map(|(deed, _)| *deed);
        found.ok_or_else(|| Error::not_found("操作", word, "从账户页里的表单提交"))
    }

    fn word(self) -> &'static str {
        Deed::ALL.iter().find(|(deed, _)| *deed == self).map_or("", |(_, word)| word)
    }
}

/// All accounts.
pub fn list(conn: &mut AnyConnection, asked: &Asked) -> Result<Sections> {
    authorise(&asked.reader.actor, Action::ManageAccounts)?;
    let standings = store::list_standings(conn, asked.today(), i64::MAX)?;
    let names = names(conn)?;
    let columns = [
        ("登录名", Kind::Name, true),
        ("姓名", Kind::Text, true),
        ("角色", Kind::Text, true),
        ("部门", Kind::Text, false),
        ("责任单位", Kind::Text, false),
        ("状态", Kind::Status, false),
    ];
    let rows = standings.iter().map(|standing| {
        let or_none = |text: String, why: &str| if text.is_empty() { Cell::absent(why) } else { Cell::text(text) };
        Row::from(vec![
            Cell::link(&standing.login, format!("/admin/accounts/{}", standing.id)),
            or_none(standing.name.clone(), "已抹去"),
            Cell::text(role_labels(&standing.roles())),
            or_none(department_names(&standing.departments(), &names), "不属于部门"),
            or_none(standing.rights.unit.clone(), "未填"),
            Cell::text(if standing.is_active { "启用" } else { "停用" }),
        ])
    });
    let made = table("accounts", "账户", &columns, "还没有账户。").with_rows(rows.collect());
    let made = Table { empty: None, ..made };
    Ok(Sections::new(asked, "账户", "/admin/accounts").with(Section {
        table: Some(made),
        links: vec![
            Link::new("建立账户", "/admin/accounts/new"),
            Link::new("安全日志", "/admin/security"),
            Link::new("设置", "/admin/settings"),
        ],
        ..Section::new("all", "全部账户")
    }))
}

fn names(conn: &mut AnyConnection) -> Result<Vec<(String, String)>> {
    store::list_departments(conn)
}

fn department_names(codes: &[String], names: &[(String, String)]) -> String {
    let name =
        |code: &String| names.iter().find(|(known, _)| known == code).map_or(code.clone(), |(_, name)| name.clone());
    codes.iter().map(name).collect::<Vec<_>>().join("、")
}

/// The form of a new account.
pub fn new_form(conn: &mut AnyConnection, asked: &Asked, filled: &Filled) -> Result<Form> {
    let form = Form::new(asked, "new", "/admin/accounts/new", "建立账户", filled)
        .with(
            Field {
                max: 32, ..Field::new("login", "登录名", "text").required().hint("2–32 个英文字母、数字和 - _ .")
            },
            filled,
        )
        .with(Field { max: 40, ..Field::new("name", "姓名", "text").required() }, filled)
        .with(Field { max: 24, ..Field::new("phone", "电话", "text") }, filled);
    let form = with_rights(form, &names(conn)?, &Rights::default(), filled);
    Ok(Form { cancel: Some(Link::new("不建了", "/admin/accounts")), ..with_reason(form, filled) })
}

/// Boxes for roles and departments. A box left empty is not sent, so after a refusal what was sent is all there is.
fn with_rights(form: Form, names: &[(String, String)], rights: &Rights, filled: &Filled) -> Form {
    let was_sent = filled.error.is_some();
    let boxed = |name: String, label: &str, held: bool| {
        let held = if was_sent { filled.value(&name).is_some() } else { held };
        Field::new(&name, label, "check").holding(if held { "yes" } else { "" })
    };
    let roles =
        Role::HELD.map(|(role, word, label)| boxed(format!("role-{word}"), label, rights.roles.contains(&role)));
    let departments =
        names.iter().map(|(code, name)| boxed(format!("department-{code}"), name, rights.departments.contains(code)));
    let form = form.with_group("角色", roles.to_vec(), &Filled::default()).with_group(
        "部门",
        departments.collect(),
        &Filled::default(),
    );
    form.with(
        Field {
            max: 60,
            ..Field::new("unit", "责任单位", "text").holding(&rights.unit).hint("部门下的单位，可以不填")
        },
        filled,
    )
}

fn with_reason(form: Form, filled: &Filled) -> Form {
    form.with(
        Field {
            max: 200, ..Field::new("reason", "原因", "text").required().hint("记入日志；不要写姓名、电话")
        },
        filled,
    )
}

/// What the boxes of [`new_form`] and [`Deed::Change`] say.
///
/// # Errors
/// Names a role or another field that does not exist.
pub fn read_rights(pairs: &[(String, String)]) -> Result<Rights> {
    let (mut roles, mut departments, mut unit) = (Vec::new(), Vec::new(), "");
    for (key, value) in pairs {
        if let Some(word) = key.strip_prefix("role-") {
            roles.push(Role::parse(word)?);
        } else if let Some(code) = key.strip_prefix("department-") {
            departments.push(code.to_owned());
        } else if key == "unit" {
            unit = value;
        } else if !["login", "name", "phone", "reason"].contains(&key.as_str()) {
            return Err(Error::invalid(key, "", "没有这一项"));
        }
    }
    Ok(Rights::new(roles, departments, unit))
}

/// One account, and what can be done about it.
pub fn one(conn: &mut AnyConnection, asked: &Asked, id: i64) -> Result<Sections> {
    authorise(&asked.reader.actor, Action::ManageAccounts)?;
    let standing = store::get_standing(conn, id, asked.today())?;
    let person = store::find_person(conn, id)?.unwrap_or_default();
    let names = names(conn)?;
    let sessions = signin::store::list_sessions(conn, id)?.len();
    let tokens = signin::list_tokens(conn, &asked.reader.actor, Some(id))?;
    let totp = if signin::store::has_totp(conn, id)? { "已启用" } else { "未启用" };
    let facts = vec![
        fact("登录名", &person.login),
        fact("姓名", &person.name),
        fact("电话", &person.phone),
        fact("状态", if standing.is_active { "启用" } else { "停用" }),
        fact("角色", role_labels(&standing.roles())),
        fact("部门", department_names(&standing.departments(), &names)),
        fact("责任单位", &standing.rights.unit),
        fact("登录着的地方", format!("{sessions} 处")),
        fact("动态口令", totp),
    ];
    let mut page = Sections::new(asked, &format!("账户 {}", person.login), "/admin/accounts")
        .with(Section { facts, ..Section::new("now", "现在") })
        .with(Section { table: Some(history(conn, id)?), ..Section::new("history", "变更经过") });
    let titled = |deed: Deed| match deed {
        Deed::Change => "改角色和部门",
        Deed::Disable | Deed::Enable => "停用、启用",
        Deed::Delegate => "临时授权",
        Deed::EndDelegation => "结束临时授权",
        Deed::HandOver => "交接",
        Deed::Rename => "改姓名、电话",
        Deed::Erase => "抹去姓名和电话",
        Deed::Password => "发一次性口令",
        Deed::EndSessions => "结束登录",
    };
    let deeds: &[Deed] = match standing.is_active {
        true => &[
            Deed::Change,
            Deed::Delegate,
            Deed::EndDelegation,
            Deed::HandOver,
            Deed::Rename,
            Deed::Password,
            Deed::EndSessions,
            Deed::Disable,
        ],
        false => &[Deed::Enable, Deed::Rename, Deed::Erase],
    };
    for deed in deeds {
        let made = form(conn, asked, &standing, *deed, &Filled::default())?;
        if *deed == Deed::EndDelegation && made.fields.first().is_none_or(|field| field.options.is_empty()) {
            continue;
        }
        page.sections.push(Section { forms: vec![made], ..Section::new(deed.word(), titled(*deed)) });
    }
    page.sections.push(Section { table: Some(token_table(&tokens)), ..Section::new("tokens", "接口令牌") });
    Ok(page)
}

fn history(conn: &mut AnyConnection, id: i64) -> Result<Table> {
    let columns = [
        ("自", Kind::Date, true),
        ("事项", Kind::Text, true),
        ("内容", Kind::Name, true),
        ("原因", Kind::Prose, false),
        ("日志", Kind::Number, false),
    ];
    let mut rows = Vec::new();
    for said in store::list_history(conn, id)? {
        let attribute = Attribute::ALL.iter().find(|(_, word, _)| *word == said.attribute);
        let value = match said.attribute.as_str() {
            "roles" => {
                role_labels(&said.value.split(',').filter_map(|word| Role::parse(word).ok()).collect::<Vec<_>>())
            }
            "active" => if said.value == "yes" { "启用" } else { "停用" }.into(),
            _ => said.value,
        };
        rows.push(Row::from(vec![
            Cell::text(Day::from_raw(said.effective_on)?.to_string()),
            Cell::text(attribute.map_or("", |(.., label)| label)),
            if value.is_empty() { Cell::absent("无") } else { Cell::text(value) },
            Cell::text(said.reason),
            Cell::text(said.seq.to_string()),
        ]));
    }
    let made = table("history-rows", "变更经过", &columns, "没有").with_rows(rows);
    Ok(Table { empty: None, ..made })
}

/// The form of a deed.
pub fn form(conn: &mut AnyConnection, asked: &Asked, of: &Standing, deed: Deed, filled: &Filled) -> Result<Form> {
    let action = format!("/admin/accounts/{}/{}", of.id, deed.word());
    let id = format!("do-{}", deed.word());
    let plain = |words: &str| Form::new(asked, &id, action.clone(), words, filled);
    let grave = |words: &str| Form { is_grave: true, ..plain(words) };
    let others = |conn: &mut AnyConnection| -> Result<Vec<(String, String)>> {
        let all = store::list_standings(conn, asked.today(), i64::MAX)?;
        let others = all.into_iter().filter(|other| other.is_active && other.id != of.id);
        Ok(others.map(|other| (other.id.to_string(), format!("{}（{}）", other.shown(), other.login))).collect())
    };
    Ok(match deed {
        Deed::Change => with_reason(with_rights(plain("改"), &names(conn)?, &of.rights, filled), filled),
        Deed::Disable => with_reason(grave("停用，结束其登录和令牌"), filled),
        Deed::Enable => with_reason(plain("启用"), filled),
        Deed::Delegate => {
            let roles = Role::HELD.map(|(_, word, label)| (word.to_owned(), label.to_owned()));
            let mut departments = vec![(String::new(), "不限部门的角色".to_owned())];
            departments.extend(names(conn)?);
            let form = plain("授权")
                .with(Field::select("role", "角色", &roles, ""), filled)
                .with(Field::select("department", "部门", &departments, ""), filled)
                .with(Field::new("from", "自", "date").required().holding(asked.today().to_string()), filled)
                .with(Field::new("until", "至", "date").required().hint("含这一天；最多 92 天"), filled);
            with_reason(form, filled)
        }
        Deed::EndDelegation => {
            let all = store::list_delegations(conn, asked.today())?;
            let own: Vec<(String, String)> = all
                .into_iter()
                .filter(|delegation| delegation.account_id == of.id)
                .map(|delegation| {
                    let role = Role::parse(&delegation.role).map_or("", Role::label);
                    let until = Day::from_raw(delegation.until_on).map(|day| day.to_string()).unwrap_or_default();
                    (delegation.id.to_string(), format!("{role}，至 {until}"))
                })
                .collect();
            with_reason(plain("结束").with(Field::select("delegation", "哪一项", &own, ""), filled), filled)
        }
        Deed::HandOver => {
            let to = Field::select("to", "交给", &others(conn)?, "");
            let to = to.hint("部门和填报、审核角色一并交过去；这个账户随即停用");
            with_reason(grave("交接").with(to, filled), filled)
        }
        Deed::Rename => {
            let person = store::find_person(conn, of.id)?.unwrap_or_default();
            plain("改")
                .with(Field { max: 40, ..Field::new("name", "姓名", "text").required().holding(person.name) }, filled)
                .with(Field { max: 24, ..Field::new("phone", "电话", "text").holding(person.phone) }, filled)
        }
        Deed::Erase => with_reason(grave("抹去，不能恢复"), filled),
        Deed::Password => grave("发一次性口令，结束其登录")
            .with(Field::new("without_totp", "手机和恢复码都丢了：同时停用动态口令", "check"), filled),
        Deed::EndSessions => grave("结束其所有登录"),
    })
}

/// A person as the form of a new account says.
pub fn read_person(field: impl Fn(&str) -> String) -> Person {
    let trimmed = |name: &str| field(name).trim().to_owned();
    Person { login: trimmed("login"), name: trimmed("name"), phone: trimmed("phone") }
}

/// Rows of the security log on one page.
const ROWS: i64 = 200;

/// The security log, verified as it is shown.
pub fn security(conn: &mut AnyConnection, asked: &Asked) -> Result<Sections> {
    let before = asked
        .param("before")
        .map(|text| text.parse::<i64>().map_err(|_| Error::invalid("before", text, "写成序号，如 1200")));
    let rows = log::list(conn, &asked.reader.actor, before.transpose()?, ROWS)?;
    let names = store::list_names(conn)?;
    let columns = [
        ("序号", Kind::Number, false),
        ("时刻", Kind::Date, true),
        ("事项", Kind::Name, true),
        ("账户", Kind::Text, true),
        ("地址", Kind::Code, false),
        ("说明", Kind::Prose, false),
    ];
    let last = rows.last().map(|row| row.seq).filter(|seq| *seq > 1);
    let shown = rows.iter().map(|row| {
        let account = row.account_id.and_then(|id| Some(Cell::link(names.get(&id)?, format!("/admin/accounts/{id}"))));
        Row::from(vec![
            Cell::text(row.seq.to_string()),
            Cell::text(Instant::from_micros(row.at_us).to_the_second()),
            Cell::text(Happened::label_of(&row.kind)),
            account.unwrap_or_else(|| Cell::absent("没有这个账户或未知")),
            if row.address.is_empty() { Cell::absent("命令行") } else { Cell::text(&row.address) },
            if row.detail.is_empty() { Cell::absent("无") } else { Cell::text(&row.detail) },
        ])
    });
    let is_empty = rows.is_empty();
    let made = table("events", "安全日志", &columns, "还没有记录。").with_rows(shown.collect());
    let made = if is_empty { made } else { Table { empty: None, ..made } };
    let mut page = Sections::new(asked, "安全日志", "/admin/security");
    page.sentences
        .push("谁在什么时候、从哪里登录或试图登录。不记口令；姓名只在显示时由账户编号查出。至少保留 184 天。".into());
    page.banners.push(match log::verify(conn) {
        Ok(count) => {
            Banner {
                tone: Tone::Note, text: format!("哈希链核对无误：{count} 条，首尾相接，没有改动。"), link: None
            }
        }
        Err(Error::Difference(what)) => Banner { tone: Tone::Bad, text: what, link: None },
        Err(other) => return Err(other),
    });
    let links = last.map(|seq| Link::new("更早的", format!("/admin/security?before={seq}"))).into_iter().collect();
    Ok(page.with(Section { table: Some(made), links, ..Section::new("log", "记录") }))
}
