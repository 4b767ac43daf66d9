//! A page that is one form, refused with what was typed.

use taizhang::error::Error;
use taizhang::report::asked::Reader;
use taizhang::report::form::{Field, Filled, Form, FormPage};
use taizhang::report::frame::{Banner, Fact, Link, Tone};
use taizhang::report::todo::{Item, Section, Todo};

use super::frame::frame;

/// Every kind of field, one of them with a fault.
pub fn refused() -> FormPage {
    let filled = Filled {
        values: vec![("amount".into(), "12,34".into()), ("note".into(), "两行\n字".into())],
        error: Some(Error::invalid("amount", "12,34", "不是金额；写成 12.34")),
    };
    let choices = [("paid".to_owned(), "支付资金".to_owned()), ("received".to_owned(), "到位资金".to_owned())];
    let reader = Reader::public(taizhang::period::Day::parse("2026-11-23").expect("a day"));
    let form = Form {
        id: "entry".into(),
        action: "/entries/new".into(),
        csrf: reader.csrf,
        key: "1f".repeat(32),
        version: "57".into(),
        problem: Some("有几处要改，已在各项下面写明。".into()),
        submit: "预览".into(),
        cancel: Some(Link::new("返回", "/projects/CY-08")),
        ..Form::default()
    };
    let form = form
        .with(Field::select("measure", "口径", &choices, "received"), &filled)
        .with(Field { unit: "万元".into(), max: 24, ..Field::new("amount", "金额", "text").required() }, &filled)
        .with(Field::new("on", "日期", "date").holding("2025-09-20").hint("不晚于今天"), &filled)
        .with(Field::new("note", "备注", "area"), &filled)
        .with(Field::new("password", "口令", "password").required(), &filled)
        .with(Field::new("file", "附件", "file"), &filled)
        .with(Field::new("agree", "已核对", "check"), &filled)
        .hiding("project", "CY-08");
    FormPage {
        frame: frame("记一笔", "/projects", "/entries/new"),
        sentences: vec!["记入后不能改，只能冲正。".into()],
        banners: vec![Banner { tone: Tone::Caution, text: "本月已预结。".into(), link: None }],
        facts: vec![Fact { label: "项目".into(), value: "CY-08".into(), ..Fact::default() }],
        form,
        tables: Vec::new(),
    }
}

/// What waits for someone of two roles, and for one of whom nothing waits.
pub fn todo() -> Todo {
    let item = |count: &str, text: &str, href: &str| Item { count: count.into(), text: text.into(), href: href.into() };
    Todo {
        frame: frame("待办", "/todo", "/todo"),
        sections: vec![
            Section {
                title: "办公室".into(),
                items: vec![item("32 项", "的责任部门待确认", "/projects"), item("1 件", "待双人复核", "/projects")],
                empty: "没有等着办的事。".into(),
                links: vec![Link::new("账户", "/admin/accounts")],
            },
            Section {
                title: "领导".into(),
                items: Vec::new(),
                empty: "领导只看，不填。".into(),
                links: vec![Link::new("总览", "/")],
            },
        ],
    }
}
