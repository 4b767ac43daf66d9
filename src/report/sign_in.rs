//! The pages of signing in: name and password, the second factor, a new password, leaving.

use serde::Serialize;

use super::asked::Asked;
use super::form::{Field, Filled, Form, FormPage};
use super::frame::{Banner, Frame, Tone};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::signin::first::{DEMO, DEMO_PASSWORD};
use crate::signin::password;

/// The context of `login.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Login {
    /// The surroundings.
    pub frame: Frame,
    /// What is wrong.
    pub banners: Vec<Banner>,
    /// Name and password.
    pub form: Form,
    /// One button an account, in the demonstration.
    pub demo: Vec<Form>,
    /// What to do when a password is lost.
    pub help: String,
}

/// Name and password. `next` is where one came from.
pub fn login(asked: &Asked, filled: &Filled) -> Login {
    let next = filled.value("next").map(safe_next).unwrap_or_default();
    let form = Form::new(asked, "login", "/login", "登录", filled)
        .with(Field { autocomplete: "username", max: 32, ..Field::new("account", "登录名", "text").required() }, filled)
        .with(
            Field { autocomplete: "current-password", ..Field::new("password", "口令", "password").required() },
            filled,
        )
        .hiding("next", next.clone());
    let demo = if asked.site.demo { DEMO.as_slice() } else { &[] };
    let demo = demo
        .iter()
        .map(|(login, _, role)| {
            Form::new(asked, &format!("as-{login}"), "/login", role.label(), &Filled::default())
                .hiding("account", *login)
                .hiding("password", DEMO_PASSWORD)
                .hiding("next", next.clone())
        })
        .collect();
    Login {
        frame: asked.frame("登录", "登录"),
        banners: Vec::new(),
        form,
        demo,
        help: "忘了口令，或没有账户：找领导小组办公室。查看公开内容不用登录。".into(),
    }
}

/// The second factor.
pub fn code(asked: &Asked, filled: &Filled) -> FormPage {
    let field =
        Field { autocomplete: "one-time-code", max: 40, ..Field::new("code", "动态口令", "text").required() };
    let form = Form::new(asked, "code", "/login/code", "登录", filled)
        .with(field.hint("手机上的六位数；手机不在身边，用一个恢复码"), filled)
        .hiding("next", filled.value("next").map(safe_next).unwrap_or_default());
    page(asked, "动态口令", vec!["口令已通过，还差一步。五分钟内有效。".into()], form)
}

/// A new password of one's own. Whoever must change it is told who made the one it replaces.
pub fn new_password(conn: &mut AnyConnection, asked: &Asked, must_change: bool, filled: &Filled) -> Result<FormPage> {
    let new = Field { autocomplete: "new-password", ..Field::new("password", "新口令", "password").required() };
    let again = Field { autocomplete: "new-password", ..Field::new("again", "再输一遍", "password").required() };
    let current =
        Field { autocomplete: "current-password", ..Field::new("current", "现在的口令", "password").required() };
    let hint =
        format!("{} 至 {} 个字，什么字都行，可以粘贴；一句只有自己知道的话最好记", password::LEAST, password::MOST);
    let form = Form::new(asked, "password", "/account/password", "改口令", filled)
        .with(current, filled)
        .with(new.hint(&hint), filled)
        .with(again, filled);
    let mut page = page(asked, "改口令", vec!["改好以后，其他地方的登录会结束；接口令牌不受影响。".into()], form);
    if must_change {
        let text = "现在用的是一次性口令，或口令已过期：改好之后才能做别的事。".into();
        page.banners.push(Banner { tone: Tone::Caution, text, link: None });
    }
    if let (true, Some(account)) = (must_change, asked.reader.account)
        && let Some(text) = super::own_account::reset_notice(conn, account)?
    {
        page.banners.push(Banner { tone: Tone::Caution, text, link: None });
    }
    Ok(page)
}

/// Leaving.
pub fn logout(asked: &Asked, filled: &Filled) -> FormPage {
    let form = Form::new(asked, "logout", "/logout", "退出登录", filled);
    page(asked, "退出", vec![format!("现在登录的是：{}。", asked.reader.name)], form)
}

/// A page that is one form.
pub fn page(asked: &Asked, title: &str, sentences: Vec<String>, form: Form) -> FormPage {
    FormPage {
        frame: asked.frame(title, title),
        sentences,
        banners: Vec::new(),
        facts: Vec::new(),
        form,
        tables: Vec::new(),
    }
}

/// The two passwords typed must be the same.
///
/// # Errors
/// When they are not.
pub fn check_same(new: &str, again: &str) -> Result<()> {
    match new == again {
        true => Ok(()),
        false => Err(Error::invalid("again", "", "两遍不一样")),
    }
}

/// Where to go after signing in: a path of ours, or the overview. Whatever could be read as another
/// site (`//host`, `/\host`, a scheme) is not followed.
pub fn safe_next(next: &str) -> String {
    let is_ours = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && next.len() <= 500
        && next.chars().all(|c| c.is_ascii_graphic())
        && !["/login", "/logout"].iter().any(|path| next.starts_with(path));
    if is_ours { next.to_owned() } else { "/".to_owned() }
}
