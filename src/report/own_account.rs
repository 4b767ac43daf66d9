//! `/account`: one's own password, sessions, second factor and tokens.

use super::asked::Asked;
use super::form::{Field, Filled, Form};
use super::frame::{Banner, Link, Tone};
use super::section::{Qr, Section, Sections, fact, table};
use super::table::{Cell, Kind, Row, Table};
use crate::account::{Standing, role_labels, store as accounts};
use crate::auth::Role;
use crate::clock::Instant;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::journal::store as journal;
use crate::signin::{self, SessionRow, TokenRow, store, totp};

/// One of the page's forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// Begin to set up the second factor.
    Totp,
    /// Its first code.
    TotpCode,
    /// Switch it off.
    TotpOff,
    /// New recovery codes.
    Codes,
    /// A new API token.
    Token,
}

/// The whole page.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Sections> {
    let standing = standing(conn, asked)?;
    let has_totp = store::has_totp(conn, standing.id)?;
    let left = store::count_recovery_codes(conn, standing.id)?;
    let sessions = store::list_sessions(conn, standing.id)?;
    let tokens = signin::list_tokens(conn, &asked.reader.actor, Some(standing.id))?;
    let nothing = Filled::default();
    let second = Section {
        sentences: vec![match has_totp {
            true => format!("已启用；恢复码还剩 {left} 个。"),
            false => "未启用。启用后，登录时除口令外还要手机上的六位数；口令被人知道也进不来。".into(),
        }],
        forms: match has_totp {
            true => vec![form(asked, Own::Codes, &standing, &nothing), form(asked, Own::TotpOff, &standing, &nothing)],
            false => vec![form(asked, Own::Totp, &standing, &nothing)],
        },
        ..Section::new("totp", "动态口令")
    };
    let revocable = tokens.iter().filter(|row| row.revoked_at_us.is_none()).map(|row| {
        Form {
            is_grave: true,
            ..Form::new(
                asked,
                &format!("revoke-{}", row.id),
                "/account/tokens/revoke",
                &format!("撤销令牌 {}", row.id),
                &nothing,
            )
        }
        .hiding("token", row.id.to_string())
    });
    let token_forms = revocable.chain([form(asked, Own::Token, &standing, &nothing)]).collect();
    let mut whole = Sections::new(asked, "我的账户", "/account");
    if let Some(text) = reset_notice(conn, standing.id)? {
        whole.banners.push(Banner { tone: Tone::Caution, text, link: None });
    }
    Ok(whole
        .with(Section {
            facts: vec![
                fact("登录名", &standing.login),
                fact("姓名", &standing.name),
                fact("角色", role_labels(&standing.roles())),
                fact("部门", standing.departments().join("、")),
                fact("责任单位", &standing.rights.unit),
            ],
            links: vec![Link::new("改口令", "/account/password"), Link::new("退出", "/logout")],
            ..Section::new("me", "我是谁")
        })
        .with(Section {
            table: Some(session_table(asked, &sessions)),
            forms: session_forms(asked, &sessions),
            ..Section::new("sessions", "登录着的地方")
        })
        .with(second)
        .with(Section {
            sentences: vec!["给程序用：限于一种角色，到期自动失效。不再用的请撤销。".into()],
            table: Some(token_table(&tokens)),
            forms: token_forms,
            ..Section::new("tokens", "接口令牌")
        }))
}

/// Who last made a one-time password for the reader's account, and when: whoever did could have
/// signed in for them until they changed it.
pub fn reset_notice(conn: &mut AnyConnection, account: i64) -> Result<Option<String>> {
    let wanted = journal::Wanted {
        action: Some("account.reset_password".into()),
        subject: Some(format!("account:{account}")),
        actor: None,
        first: 1,
        last: i64::MAX,
    };
    let Some(row) = journal::list_newest(conn, &wanted, 1)?.pop() else { return Ok(None) };
    let people = accounts::list_names(conn)?;
    let id = row.actor.strip_prefix("account:").and_then(|id| id.parse::<i64>().ok());
    let by = match id.and_then(|id| people.get(&id)) {
        Some(name) => name.clone(),
        None if row.actor == "operator" => "运维（命令行）".into(),
        None => row.actor.replacen("account:", "账户 ", 1),
    };
    let at = Instant::from_micros(row.at_us).to_the_second();
    Ok(Some(format!(
        "{by} 于 {at} 给这个账户发过一次性口令（日志第 {} 条）。不是本人要求的，请马上告诉领导小组办公室的另一个人。",
        row.seq
    )))
}

/// How the reader's account stands.
///
/// # Errors
/// For those who have not signed in.
pub fn standing(conn: &mut AnyConnection, asked: &Asked) -> Result<Standing> {
    let id = asked.reader.account.ok_or_else(|| Error::SignIn("这一页要登录后才能打开".into()))?;
    accounts::get_standing(conn, id, asked.today())
}

/// One form of the page.
pub fn form(asked: &Asked, which: Own, standing: &Standing, filled: &Filled) -> Form {
    let current = || Field {
        autocomplete: "current-password",
        ..Field::new("current", "现在的口令", "password").required()
    };
    match which {
        Own::Totp => Form::new(asked, "totp-on", "/account/totp", "开始设置", filled).with(current(), filled),
        Own::TotpCode => {
            let code = Field {
                autocomplete: "one-time-code",
                max: 7,
                ..Field::new("code", "手机上的六位数", "text").required()
            };
            Form::new(asked, "totp-code", "/account/totp/confirm", "启用", filled).with(code, filled)
        }
        Own::TotpOff => {
            Form { is_grave: true, ..Form::new(asked, "totp-off", "/account/totp/off", "停用动态口令", filled) }
                .with(current(), filled)
        }
        Own::Codes => Form::new(asked, "codes", "/account/codes", "换一组恢复码", filled).with(current(), filled),
        Own::Token => {
            let roles: Vec<(String, String)> =
                standing.roles().into_iter().map(|role| (role.word().into(), role.label().into())).collect();
            let first = roles.first().map_or("", |(word, _)| word.as_str()).to_owned();
            Form::new(asked, "token", "/account/tokens", "建立令牌", filled)
                .with(
                    Field {
                        max: 40, ..Field::new("name", "用途", "text").required().hint("如：财政系统对接")
                    },
                    filled,
                )
                .with(Field::select("role", "限于角色", &roles, &first), filled)
                .with(
                    Field {
                        unit: "天".into(),
                        ..Field::new("days", "有效期", "number").required().holding("90").hint("最多 366 天")
                    },
                    filled,
                )
        }
    }
}

fn when(micros: i64) -> String {
    Instant::from_micros(micros).to_the_second()
}

fn session_table(asked: &Asked, sessions: &[SessionRow]) -> Table {
    let columns = [
        ("地址", Kind::Code, true),
        ("上次使用", Kind::Date, true),
        ("登录于", Kind::Date, false),
        ("浏览器", Kind::Prose, false),
    ];
    let rows = sessions.iter().map(|row| {
        let here = asked.reader.session.as_deref() == Some(&row.id_hash);
        let address = Cell::text(if row.address.is_empty() { "本机" } else { &row.address });
        let address = if here { address.with_note("就是这里") } else { address };
        Row::from(vec![
            address,
            Cell::text(when(row.seen_at_us)),
            Cell::text(when(row.created_at_us)),
            Cell::text(&row.agent),
        ])
    });
    let made = table("session-rows", "登录着的地方", &columns, "没有");
    Table { empty: None, ..made.with_rows(rows.collect()) }
}

fn session_forms(asked: &Asked, sessions: &[SessionRow]) -> Vec<Form> {
    let others: Vec<&SessionRow> =
        sessions.iter().filter(|row| asked.reader.session.as_deref() != Some(&row.id_hash)).collect();
    let nothing = Filled::default();
    let mut forms: Vec<Form> = others
        .iter()
        .map(|row| {
            let words = format!("结束 {} 于 {} 的登录", row.address, when(row.created_at_us));
            Form {
                is_grave: true,
                ..Form::new(asked, &format!("end-{}", &row.id_hash[..8]), "/account/sessions/end", &words, &nothing)
            }
            .hiding("session", &row.id_hash)
        })
        .collect();
    if !others.is_empty() {
        let all = Form::new(asked, "end-others", "/account/sessions/end", "结束其他所有登录", &nothing);
        forms.push(Form { is_grave: true, ..all }.hiding("session", "others"));
    }
    forms
}

/// API tokens as rows.
pub(super) fn token_table(tokens: &[TokenRow]) -> Table {
    let columns = [
        ("令牌", Kind::Code, true),
        ("用途", Kind::Name, true),
        ("角色", Kind::Text, true),
        ("有效至", Kind::Date, false),
        ("上次使用", Kind::Date, false),
        ("状态", Kind::Status, true),
    ];
    let rows = tokens.iter().map(|row| {
        let used = row.used_at_us.map_or_else(|| Cell::absent("还没有用过"), |us| Cell::text(when(us)));
        let role = Role::parse(&row.role).map_or("", Role::label);
        let state = if row.revoked_at_us.is_some() { "已撤销" } else { "有效期内" };
        Row::from(vec![
            Cell::text(row.id.to_string()),
            Cell::text(&row.name),
            Cell::text(role),
            Cell::text(when(row.expires_at_us)),
            used,
            Cell::text(state),
        ])
    });
    let made = table("token-rows", "接口令牌", &columns, "还没有令牌。");
    let is_empty = tokens.is_empty();
    let made = made.with_rows(rows.collect());
    if is_empty { made } else { Table { empty: None, ..made } }
}

/// What is shown once: it cannot be read again.
pub fn shown_once(asked: &Asked, title: &str, what: &str, secrets: Vec<String>, back: &str) -> Sections {
    let mut page = Sections::new(asked, title, "");
    let text = "只显示这一次，离开这一页就再也看不到了。现在就抄下来或存好。".into();
    page.banners.push(Banner { tone: Tone::Caution, text, link: None });
    page.with(Section { secrets, links: vec![Link::new("存好了", back)], ..Section::new("secret", what) })
}

/// The secret of the second factor, for the telephone, with the form for its first code.
///
/// # Errors
/// When the code cannot be drawn.
pub fn totp_secret(asked: &Asked, standing: &Standing, secret: &str) -> Result<Sections> {
    let qr = totp::qr(&totp::address(secret, &standing.login))?;
    let view = format!("0 0 {side} {side}", side = qr.side);
    let qr = Qr {
        view, path: qr.path, label: "动态口令的二维码；不能扫的，手工输入下面的密钥".into()
    };
    Ok(Sections::new(asked, "设置动态口令", "").with(Section {
        sentences: vec!["用手机上的动态口令应用（身份验证器）扫这个码，或手工输入密钥，再填它显示的六位数。".into()],
        qr: Some(qr),
        secrets: vec![secret.to_owned()],
        forms: vec![form(asked, Own::TotpCode, standing, &Filled::default())],
        ..Section::new("scan", "扫码")
    }))
}
