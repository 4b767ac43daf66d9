//! Samples of signing in and of accounts.

use taizhang::report::form::{Field, Form, FormPage};
use taizhang::report::frame::{Banner, Fact, Hidden, Link, Tone};
use taizhang::report::section::{Qr, Section, Sections};
use taizhang::report::sign_in::Login;
use taizhang::report::table::{Cell, Column, Kind, Row, Table};

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

/// A page of sections, with everything a section can have.
pub fn account() -> Sections {
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let table = Table {
        id: "session-rows".into(),
        caption: "登录着的地方".into(),
        columns: vec![column("地址", Kind::Code, true), column("浏览器", Kind::Prose, false)],
        ..Table::default()
    };
    let rows = vec![
        Row::from(vec![Cell::text("10.0.0.7").with_note("就是这里"), Cell::text("Mozilla/5.0")]),
        Row::from(vec![Cell::text("2001:db8::7"), Cell::absent("没有说明")]),
    ];
    let sessions = Section {
        table: Some(table.with_rows(rows)),
        forms: vec![Form { is_grave: true, ..sent("end-1", "/account/sessions/end", "结束 2001:db8::7 的登录") }],
        ..Section::new("sessions", "登录着的地方")
    };
    let scan = Section {
        sentences: vec!["用手机上的动态口令应用扫这个码。".into()],
        qr: Some(Qr {
            view: "0 0 29 29".into(), path: "M4 4h7v1h-7z".into(), label: "动态口令的二维码".into()
        }),
        secrets: vec!["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP".into(), "<script>".into()],
        links: vec![Link::new("存好了", "/account")],
        ..Section::new("scan", "扫码")
    };
    Sections {
        frame: frame("我的账户", "/account", "/account"),
        sentences: vec!["这里看自己的账户。".into()],
        banners: vec![Banner { tone: Tone::Caution, text: "只显示这一次。".into(), link: None }],
        sections: vec![sessions, scan],
    }
}
