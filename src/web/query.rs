//! From a URL to what is asked: every parameter known, every value allowed, or a message that says
//! which are.

use percent_encoding::percent_decode_str;

use super::state::State;
use super::viewer::{Viewer, fresh_token};
use crate::auth::Sight;
use crate::config::{Operator, Reach};
use crate::db::{AnyConnection, Head};
use crate::document::store as documents;
use crate::error::{Error, Fault, Result};
use crate::journal::store::resolve_known_at;
use crate::money::Unit;
use crate::period::{Day, Precision, Year};
use crate::project::Hidden;
use crate::report::asked::{Asked, Parts, Reader, Site};
use crate::rollup::{self, Deadline, Filter, NONE, Own};
use crate::{account, publication, setting};

/// The longest query worth reading: a hundred filters fit.
pub const MAX_QUERY: usize = 4_096;
/// The longest words worth searching.
const MAX_WORDS: usize = 100;
/// What messengers append to a shared link.
const TRACKING: [&str; 8] =
    ["from", "isappinstalled", "utm_source", "utm_medium", "utm_campaign", "nsukey", "scene", "clicktime"];

/// A query's pairs, decoded; empty values (a form's untouched fields) are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The pairs in order.
    pub pairs: Vec<(String, String)>,
    /// Whether something was left out, so that the clean address differs.
    pub is_clean: bool,
}

/// Decodes a query string.
pub fn decode(query: &str) -> Result<Query> {
    if query.len() > MAX_QUERY {
        return Err(Error::invalid(
            "query",
            format!("{} 字节", query.len()),
            format!("查询太长；最多 {MAX_QUERY} 字节"),
        ));
    }
    let mut pairs = Vec::new();
    let mut is_clean = true;
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let key = text("query", key)?;
        let value = text(&shown(&key, 40), value)?;
        if value.is_empty() || TRACKING.contains(&key.as_str()) {
            is_clean = false;
        } else {
            pairs.push((key, value));
        }
    }
    Ok(Query { pairs, is_clean })
}

/// Decodes a form's body. Fields that were left empty stay, and lines may be several.
pub fn decode_form(body: &str) -> Result<Vec<(String, String)>> {
    body.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let key = text("body", key)?;
            let value = decoded(&shown(&key, 40), value)?.replace("\r\n", "\n");
            match value.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
                true => Err(Error::invalid(shown(&key, 40), shown(&value, 60), "含控制字符")),
                false => Ok((key, value)),
            }
        })
        .collect()
}

/// As much of a text as a message repeats.
fn shown(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}

/// The text of a key or a value; what is wrong is said of `field`.
fn text(field: &str, part: &str) -> Result<String> {
    let text = decoded(field, part)?;
    match text.chars().any(char::is_control) {
        true => Err(Error::invalid(field, shown(part, 60), "含控制字符")),
        false => Ok(text),
    }
}

fn decoded(field: &str, part: &str) -> Result<String> {
    let plain = part.replace('+', " ");
    let text = percent_decode_str(&plain).decode_utf8();
    text.map(|text| text.into_owned()).map_err(|_| Error::invalid(field, shown(part, 60), "不是 UTF-8 的百分号编码"))
}

/// What a page understands besides the view.
#[derive(Debug, Clone, Copy)]
pub struct Allowed {
    /// Parameters that may be repeated (OR).
    pub many: &'static [&'static str],
    /// Parameters given once at most.
    pub one: &'static [&'static str],
}

/// The view's own parameters, which every page understands.
pub const PAGE_VIEW: &[&str] = &["as_of", "known_at", "unit", "format", "view", "done"];
/// Those of the API: its money is always in yuan, and a unit that changed nothing would mislead.
pub const API_VIEW: &[&str] = &["as_of", "known_at", "format", "view"];

impl Allowed {
    /// Nothing but the view.
    pub const VIEW: Allowed = Allowed { many: &[], one: &[] };

    /// # Errors
    /// Unknown parameters, and single ones given twice, each with what is allowed.
    pub fn check(&self, view: &[&str], pairs: &[(String, String)]) -> Result<()> {
        let known = || view.iter().chain(self.many).chain(self.one).copied();
        let mut faults = Vec::new();
        for (at, (key, value)) in pairs.iter().enumerate() {
            let shown: String = key.chars().take(40).collect();
            if !known().any(|name| name == key) {
                let message = format!("没有这个参数；可用 {}", known().collect::<Vec<_>>().join("、"));
                faults.push(Fault { field: shown, value: value.chars().take(60).collect(), message });
            } else if !self.many.contains(&key.as_str()) && pairs[..at].iter().any(|(other, _)| other == key) {
                faults.push(Fault {
                    field: shown,
                    value: value.chars().take(60).collect(),
                    message: "只能给一次".into(),
                });
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
    }
}

/// What stays the same for every request.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Who runs it.
    pub operator: Operator,
    /// Whether this is the demonstration.
    pub demo: bool,
    /// How it is reached.
    pub reach: Reach,
}

/// Resolves a page's question in the snapshot it is answered from.
pub fn resolve(
    conn: &mut AnyConnection,
    state: &State,
    viewer: &Viewer,
    path: &str,
    pairs: &[(String, String)],
    deadline: Deadline,
) -> Result<Asked> {
    let clock = state.db.clock().clone();
    let find = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let sight = match find("view") {
        None => viewer.sight(),
        Some("public") => Sight::Published,
        Some(other) => return Err(Error::invalid("view", shown(other, 60), "只有 public（公众看到的）")),
    };
    let today = clock.today();
    let (last_day, latest) = match sight {
        Sight::Published => published(conn, today)?,
        Sight::Departments(_) | Sight::Whole => (today, Head::find(conn)?),
    };
    let as_of = match find("as_of") {
        None => last_day,
        Some(text) => {
            let day = Day::parse(text).map_err(|error| rename(error, "as_of", today))?;
            if day > today {
                return Err(Error::invalid("as_of", text, format!("晚于今天（{today}）；只能看今天及以前")));
            }
            if day > last_day {
                return Err(Error::invalid("as_of", text, format!("已发布的截至 {last_day}；以后的尚未发布")));
            }
            day
        }
    };
    let known = resolve_known_at(conn, find("known_at"), clock.now(), &latest)?;
    let unit = find("unit").map(Unit::parse).transpose()?.unwrap_or_default();
    let hidden = match sight {
        Sight::Published => hidden(conn, today, state.has_address())?,
        Sight::Departments(_) | Sight::Whole => Hidden::NOTHING,
    };
    let mut filter = Filter { hidden, ..filter(pairs)? };
    filter.check(conn, as_of, known.seq)?;
    filter.own = match &sight {
        Sight::Departments(codes) => Some(own(conn, codes)?),
        Sight::Published | Sight::Whole => None,
    };
    let params = pairs.iter().filter(|(key, _)| key != "format" && key != "done").cloned().collect();
    let published = published(conn, today)?.1.seq;
    let is_whole = rollup::is_now(conn, as_of, &known)?;
    let reader = Reader {
        actor: viewer.actor.clone(),
        account: viewer.account,
        session: viewer.session.clone(),
        name: viewer.name.clone(),
        csrf: viewer.csrf(),
        key: if viewer.is_signed_in() { fresh_token()? } else { String::new() },
        sight,
        done: find("done").and_then(|seq| seq.parse().ok()),
        last_day,
    };
    Ok(Asked {
        clock,
        as_of,
        known,
        latest,
        unit,
        path: path.to_owned(),
        parts: Parts::new(),
        params,
        filter,
        site: site(conn, &state.setting)?,
        deadline,
        format: None,
        is_whole,
        published,
        reader,
    })
}

/// What the public is not shown while it is only inferred. The settings of now hold, whichever day is
/// looked at: what is hidden today is hidden in every view of the past as well.
fn hidden(conn: &mut AnyConnection, today: Day, has_address: bool) -> Result<Hidden> {
    let mut sees = |name| setting::public_sees(conn, name, today, i64::MAX, has_address);
    Ok(Hidden { categories: !sees(setting::PUBLIC_CATEGORIES)?, departments: !sees(setting::PUBLIC_DEPARTMENTS)? })
}

fn own(conn: &mut AnyConnection, codes: &[String]) -> Result<Own> {
    let departments = crate::project::store::list_departments(conn)?.into_iter();
    let named: Vec<(String, String)> =
        departments.filter(|d| codes.contains(&d.code)).map(|d| (d.code, d.name)).collect();
    Ok(Own::of(&named))
}

/// Until which day and as known when the public sees: the last publication. Until people exist nobody can publish, and the web
/// shows what the operator recorded.
fn published(conn: &mut AnyConnection, today: Day) -> Result<(Day, Head)> {
    if account::store::count(conn)? == 0 {
        return Ok((today, Head::find(conn)?));
    }
    let last = publication::latest(conn)?;
    Ok((last.as_of.unwrap_or(today).min(today), last.known))
}

fn rename(error: Error, field: &str, today: Day) -> Error {
    match error {
        Error::Invalid(faults) => Error::Invalid(
            faults
                .into_iter()
                .map(|fault| Fault {
                    field: field.into(),
                    message: format!("{}；从 1990-01-01 到今天 {today}", fault.message),
                    ..fault
                })
                .collect(),
        ),
        other => other,
    }
}

fn site(conn: &mut AnyConnection, setting: &Setting) -> Result<Site> {
    let plan = documents::list(conn, i64::MAX)?.into_iter().next();
    let (title, dated) = match plan.map(|plan| (plan.title, plan.dated_on, plan.precision)) {
        Some((title, Some(day), precision)) => (title, (Day::from_raw(day)?, Precision::parse(&precision)?)),
        Some((title, None, _)) => (title, (Day::from_raw(19_900_101)?, Precision::Day)),
        None => ("重点工程台账".into(), (Day::from_raw(19_900_101)?, Precision::Day)),
    };
    Ok(Site { title, dated, operator: setting.operator.clone(), demo: setting.demo })
}

/// The filter's parameters. Whether what they name is registered is another question.
fn filter(pairs: &[(String, String)]) -> Result<Filter> {
    let values =
        |name: &str| pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect::<Vec<_>>();
    let year = |name: &str, text: &str| match Year::parse(text) {
        Ok(year) => Ok(year.get()),
        Err(_) => Err(Error::invalid(name, shown(text, 60), "不是年份；写四位数字，在 1990 至 2100 之间")),
    };
    let years = |name: &str| values(name).iter().map(|text| year(name, text)).collect::<Result<Vec<_>>>();
    let q = values("q").into_iter().next();
    if let Some(words) = q.as_ref().filter(|words| words.chars().count() > MAX_WORDS) {
        return Err(Error::invalid("q", shown(words, 60), format!("最多 {MAX_WORDS} 个字")));
    }
    Ok(Filter {
        category: values("category"),
        department: values("department"),
        nature: values("nature"),
        stage: values("stage"),
        start_year: years("start_year")?,
        end_year: years("end_year")?,
        active_in: values("active_in").first().map(|text| year("active_in", text)).transpose()?,
        q,
        year: values("year")
            .iter()
            .map(|text| if text == NONE { Ok(None) } else { year("year", text).map(Some) })
            .collect::<Result<Vec<_>>>()?,
        source: values("source"),
        ..Filter::default()
    })
}
