//! A page that is one form, refused with what was typed.

use taizhang::error::Error;
use taizhang::report::asked::Reader;
use taizhang::report::form::{Also, Field, Filled, Form, FormPage};
use taizhang::report::frame::{Banner, Fact, Link, Tone};
use taizhang::report::table::{Cell, Column, Kind, Row, Table};
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

/// What an entry would do, to be confirmed, after somebody else was faster.
pub fn preview() -> FormPage {
    let column = |label: &str, kind| Column { label: label.into(), kind, narrow: true, ..Column::default() };
    let both = |yuan: &str, wan: &str| Cell::text(yuan).with_note(format!("{wan} 万元"));
    let row = |of: &str, before: Cell, after: Cell| {
        Row::from(vec![Cell::text(of).with_note("支付资金"), before, after, both("125,000", "12.5")])
    };
    let table = Table {
        id: "effect".into(),
        caption: "对合计的影响（元，下行为万元）".into(),
        columns: vec![
            column("合计", Kind::Name),
            column("现在", Kind::Number),
            column("记入后", Kind::Number),
            column("变动", Kind::Number),
        ],
        ..Table::default()
    }
    .with_rows(vec![
        row("CY-08 高安屯生活垃圾焚烧处理厂三期", Cell::absent("尚无记录"), both("125,000", "12.5")),
        row("体系：生态环境保障", both("8,765,432,100.99", "876543.210099"), both("8,765,557,100.99", "876555.710099")),
        row("全部项目", both("9,589,540,000", "958954"), both("9,589,665,000", "958966.5")),
    ]);
    let form = Form {
        id: "confirm".into(),
        action: "/entries/new".into(),
        problem: Some("预览之后有人记了账，没有保存。请按新的合计再看一遍".into()),
        submit: "确认记入".into(),
        step: "confirm".into(),
        also: Some(Also::new("返回修改", "edit")),
        ..Form::default()
    };
    let fact = |label: &str, value: &str| Fact { label: label.into(), value: value.into(), ..Fact::default() };
    FormPage {
        frame: frame("核对后记入", "/projects", "/entries/new"),
        sentences: vec!["将记入 125,000 元（12.5 万元），还没有保存。".into()],
        banners: Vec::new(),
        facts: vec![fact("项目", "CY-08 高安屯生活垃圾焚烧处理厂三期"), fact("依据", "朝财〔2025〕8号")],
        form: form.hiding("seen", "CY-08 paid 0.00 0").with_group(
            "第 1 行",
            vec![Field::new("amount_1", "金额", "text")],
            &Filled::default(),
        ),
        tables: vec![table],
    }
}
