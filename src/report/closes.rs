//! `/admin/closes` 月报锁定 and `/closes` 财政结账: which months are locked, by whom and why, and the forms for it.

use super::approvals;
use super::asked::Asked;
use super::form::{Field, Filled, Form};
use super::frame::Link;
use super::section::{Section, Sections, table};
use super::table::{Cell, Kind as Set, Row, Table};
use crate::account;
use crate::approval::check_ask;
use crate::approval::reopen::kind_of;
use crate::auth::{Action, authorise};
use crate::close::command::Closing;
use crate::close::{Close, Held, Kind, LOCKED, PRECLOSED, store};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::journal;
use crate::period::{Day, Month};
use crate::project::store as registry;

/// The page.
pub fn list(conn: &mut AnyConnection, asked: &Asked) -> Result<Sections> {
    authorise(&asked.reader.actor, Action::Close)?;
    let locks = store::locks(conn, Kind::Reports, asked.known.seq)?;
    let mut page = Sections::new(asked, "月报锁定", "/admin/approvals");
    page.sentences.push(match locks.last("") {
        Some(month) => format!("锁定到 {month}，连同以前各月：日期在这以内的登记、节点、投资、计划和月报都不能再记。"),
        None => "还没有锁定任何一个月。".into(),
    });
    page.sentences.push(
        "锁定不影响公众看到的数：那由发布决定。预算、到位、支付由财政结账锁定。后来才知道的金额可以“补记”，日期不变，\
         记在当月。"
            .into(),
    );
    page = page.with(Section {
        forms: vec![lock_form(conn, asked, &Filled::default())?],
        ..Section::new("lock", "锁定一个月")
    });
    page = with_reopening(conn, asked, page, Kind::Reports)?;
    let history = history(conn, asked, Kind::Reports)?;
    Ok(page.with(Section { table: Some(history), ..Section::new("history", "锁定和重新打开") }))
}

/// 财政结账: 开放 → 预结 → 结账. Who does not close reads how far it has come.
pub fn finance(conn: &mut AnyConnection, asked: &Asked) -> Result<Sections> {
    authorise(&asked.reader.actor, Action::ReadAll)?;
    let locks = store::locks(conn, Kind::Finance, asked.known.seq)?;
    let mut page = Sections::new(asked, "财政结账", "/todo");
    page.sentences.push(match locks.last("").and_then(|month| locks.held("", month).map(|held| (month, held))) {
        Some((month, Held::Locked)) => {
            format!("全部部门结账到 {month}，连同以前各月：日期在这以内的预算、到位、支付不能再记。")
        }
        Some((month, Held::Preclosed)) => {
            format!("全部部门预结到 {month}，连同以前各月：核对期间不能再记预算、到位、支付。")
        }
        None => "全部部门还没有预结、结账的月份。".into(),
    });
    page.sentences.push(
        "先预结、核对，再结账。预结一个人可以撤销；反结账要两个人。后来才知道的金额作“补记”：日期不变，记在当月，\
         结账时的数和现在的数并列。计划、完成由月报锁定管。"
            .into(),
    );
    if asked.reader.may(Action::Settle) {
        for deed in Deed::ALL {
            let forms = match deed.options(conn, asked)? {
                Some(options) if options.len() <= 1 => continue,
                _ => vec![deed_form(conn, asked, deed, &Filled::default())?],
            };
            page = page.with(Section { forms, ..Section::new(deed.word(), deed.label()) });
        }
    }
    page = with_reopening(conn, asked, page, Kind::Finance)?;
    let history = history(conn, asked, Kind::Finance)?;
    Ok(page.with(Section { table: Some(history), ..Section::new("history", "预结、结账和反结账") }))
}

/// What finance does to a month by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// 预结.
    Preclose,
    /// 结账.
    Settle,
    /// 撤销预结.
    Withdraw,
}

impl Deed {
    /// Every deed.
    pub const ALL: [Deed; 3] = [Deed::Preclose, Deed::Settle, Deed::Withdraw];

    /// Its word in the address.
    pub fn word(self) -> &'static str {
        match self {
            Deed::Preclose => "preclose",
            Deed::Settle => "settle",
            Deed::Withdraw => "withdraw",
        }
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Deed::Preclose => "预结",
            Deed::Settle => "结账",
            Deed::Withdraw => "撤销预结",
        }
    }

    /// The deed of a word in the address.
    pub fn parse(word: &str) -> Result<Deed> {
        let found = Deed::ALL.into_iter().find(|deed| deed.word() == word);
        found.ok_or_else(|| {
            Error::not_found("操作", word, "可用 preclose（预结）、settle（结账）、withdraw（撤销预结）")
        })
    }

    /// The months it can be done to; none: any month that is over.
    fn options(self, conn: &mut AnyConnection, asked: &Asked) -> Result<Option<Vec<(String, String)>>> {
        match self {
            Deed::Preclose => Ok(None),
            Deed::Settle => options(conn, asked, Kind::Finance, &SETTLES).map(Some),
            Deed::Withdraw => options(conn, asked, Kind::Finance, &WITHDRAWS).map(Some),
        }
    }
}

/// The form of a deed.
pub fn deed_form(conn: &mut AnyConnection, asked: &Asked, deed: Deed, filled: &Filled) -> Result<Form> {
    let form = Form::new(asked, deed.word(), format!("/closes/{}", deed.word()), deed.label(), filled);
    let form = match deed.options(conn, asked)? {
        None => {
            let month = month_before(asked.today()).to_string();
            form.with(Field::new("month", "月份", "month").required().holding(month).hint("已经过完的月份"), filled)
                .with(Field::select("department", "范围", &department_options(conn, "全部")?, ""), filled)
        }
        Some(options) => form.with(Field::select("closing", "月份", &options, "").required(), filled),
    };
    let reason = Field { max: 500, ..Field::new("reason", "说明", "text") };
    let form = form.with(if deed == Deed::Withdraw { reason.required() } else { reason }, filled);
    Ok(Form { is_grave: deed == Deed::Settle, cancel: Some(Link::new("返回", "/closes")), ..form })
}

/// What two people open again, for who may ask for it.
fn with_reopening(conn: &mut AnyConnection, asked: &Asked, page: Sections, kind: Kind) -> Result<Sections> {
    let second = kind_of(kind);
    if check_ask(second, &asked.reader.actor).is_err() {
        return Ok(page);
    }
    let sentences = vec![format!("要两个人：{}。只能打开最后的一个月。", second.row().why)];
    let forms = match options(conn, asked, kind, &REOPENS)?.len() {
        ..=1 => Vec::new(),
        _ => vec![approvals::ask_form(conn, asked, second, &Filled::default())?],
    };
    let title = if kind == Kind::Finance { "反结账" } else { "重新打开" };
    Ok(page.with(Section { sentences, forms, ..Section::new("reopen", title) }))
}

fn history(conn: &mut AnyConnection, asked: &Asked, kind: Kind) -> Result<Table> {
    let columns = [
        ("月份", Set::Date, true),
        ("范围", Set::Name, true),
        ("状态", Set::Status, true),
        ("谁", Set::Text, false),
        ("何时", Set::Text, false),
        ("原因", Set::Prose, false),
        ("日志", Set::Code, false),
    ];
    let people = account::store::list_names(conn)?;
    let mut rows = Vec::new();
    for row in store::list(conn, kind, asked.known.seq)?.iter().rev() {
        let told = journal::store::find(conn, row.seq)?;
        let (who, when) = told.map_or_else(Default::default, |told| {
            let at = crate::clock::Instant::from_micros(told.at_us).to_the_second();
            (super::journal::who(&told.actor, &people), at)
        });
        rows.push(Row::from(vec![
            Cell::text(Month::from_raw(row.month)?.to_string()),
            Cell::text(scope_words(conn, row)?),
            Cell::text(match (kind, row.state.as_str()) {
                (Kind::Reports, LOCKED) => "已锁定",
                (Kind::Finance, LOCKED) => "结账",
                (_, PRECLOSED) => "预结",
                _ => "重新打开",
            }),
            Cell::text(who),
            Cell::text(when),
            if row.reason.is_empty() { Cell::absent("未填") } else { Cell::text(row.reason.as_str()) },
            Cell::link(row.seq.to_string(), format!("/journal/{}", row.seq)),
        ]));
    }
    let (caption, none) = match kind {
        Kind::Reports => ("锁定和重新打开，新的在前", "还没有锁定过。"),
        Kind::Finance => ("预结、结账和重新打开，新的在前", "还没有预结过。"),
    };
    let made = table("closes", caption, &columns, none);
    Ok(if rows.is_empty() { made } else { Table { empty: None, ..made.with_rows(rows) } })
}

fn scope_words(conn: &mut AnyConnection, row: &Close) -> Result<String> {
    if row.department.is_empty() {
        return Ok("全部".into());
    }
    let found = registry::find_department(conn, &row.department)?;
    Ok(found.map_or_else(|| row.department.clone(), |department| department.name))
}

/// The departments as choices; the first is what stands for all of them.
pub(super) fn department_options(conn: &mut AnyConnection, all: &str) -> Result<Vec<(String, String)>> {
    let departments = registry::list_departments(conn)?.into_iter().map(|d| (d.code, d.name));
    Ok(std::iter::once((String::new(), all.to_owned())).chain(departments).collect())
}

/// The month before a day's: what is usually locked and published.
pub fn month_before(day: Day) -> Month {
    day.first_of_month().pred().month()
}

/// The form that locks.
pub fn lock_form(conn: &mut AnyConnection, asked: &Asked, filled: &Filled) -> Result<Form> {
    let month = month_before(asked.today()).to_string();
    let form = Form::new(asked, "lock", "/admin/closes", "锁定", filled)
        .with(Field::new("month", "月份", "month").required().holding(month).hint("已经过完的月份"), filled)
        .with(Field::select("department", "范围", &department_options(conn, "全部")?, ""), filled)
        .with(Field { max: 500, ..Field::new("reason", "说明", "text") }, filled);
    Ok(Form { is_grave: true, cancel: Some(Link::new("返回", "/admin/closes")), ..form })
}

/// Which of the closed months are offered: how far closed, and whether the last of their scope only.
pub(super) type Offered = (Held, bool);
/// What two people can open again.
pub(super) const REOPENS: Offered = (Held::Locked, true);
const SETTLES: Offered = (Held::Preclosed, false);
const WITHDRAWS: Offered = (Held::Preclosed, true);

/// The closed months of a kind as choices.
pub(super) fn options(
    conn: &mut AnyConnection,
    asked: &Asked,
    kind: Kind,
    (held, is_last): &Offered,
) -> Result<Vec<(String, String)>> {
    let mut options = vec![(String::new(), "请选择".to_owned())];
    let locks = store::locks(conn, kind, asked.known.seq)?;
    for (month, department) in locks.list() {
        if locks.held(department, month) != Some(*held) || *is_last && locks.last(department) != Some(month) {
            continue;
        }
        let closing = Closing { kind, month, department: department.to_owned(), reason: String::new() };
        let whose = match registry::find_department(conn, department)? {
            Some(found) => found.name,
            None => "全部".into(),
        };
        options.push((closing.subject(), format!("{month} {}（{whose}）", kind.label())));
    }
    Ok(options)
}
