//! Samples of signing in and of accounts.

use taizhang::report::form::{Field, Form, FormPage};
use taizhang::report::frame::{Banner, Fact, Hidden, Tone};
use taizhang::report::sign_in::Login;

use super::frame::{demonstration, frame};

fn sent(id: &str, action: &str, submit: &str) -> Form {
    Form { id: id.into(), action: action.into(), csrf: "0f".repeat(32), submit: submit.into(), ..Form::default() }
}

fn field(name: &str, label: &str, kind: &'static str) -> Field {
    Field::new(name, label, kind).required()
}

/// The sign-in page of an ordinary register.
pub fn login() -> Login {
    let form = Form {
        fields: vec![field("account", "登录名", "text"), field("password", "口令", "password")],
        hidden: vec![Hidden { name: "next".into(), value: "/projects".into() }],
        ..sent("login", "/login", "登录")
    };
    Login {
        frame: frame("登录", "/login", "/login"),
        banners: vec![],
        form,
        demo: vec![],
        help: "忘了口令，或没有账户：找领导小组办公室。查看公开内容不用登录。".into(),
    }
}

/// The demonstration's, after a wrong password.
pub fn login_refused() -> Login {
    let mut page = login();
    page.frame = demonstration(page.frame);
    page.form.problem = Some("账号或口令不对。".into());
    page.form.fields[0].value = "\"><script>alert(1)</script>".into();
    page.demo = vec![sent("as-office", "/login", "办公室（office）"), sent("as-leader", "/login", "领导（leader）")];
    page
}

/// A page that is one form, with everything a form can have.
pub fn password() -> FormPage {
    let fields = vec![
        Field { error: Some("现在的口令不对".into()), ..field("current", "现在的口令", "password") },
        field("password", "新口令", "password").hint("10 至 128 个字"),
        Field::select("role", "角色", &[("finance".into(), "财政".into()), ("leader".into(), "领导".into())], "leader"),
        Field::new("reason", "原因", "area"),
        Field::new("sure", "确认", "check"),
        Field { unit: "天".into(), ..Field::new("days", "有效期", "number") },
    ];
    FormPage {
        frame: frame("改口令", "/account", "/account/password"),
        sentences: vec!["改好以后，其他地方的登录会结束。".into()],
        banners: vec![Banner { tone: Tone::Caution, text: "现在用的是一次性口令。".into(), link: None }],
        facts: Vec::<Fact>::new(),
        form: Form {
            fields, is_grave: true, key: "k".repeat(64), ..sent("password", "/account/password", "改口令")
        },
        tables: vec![],
    }
}
