//! What a page was asked: the day, the instant, the unit, the filter, and links that keep them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::frame::{Choice, Frame, HeadLine, Hidden, Link, NavItem, Past, SightLine, View};
use super::table::Cell;
use crate::auth::{Action, Actor, Sight};
use crate::clock::Clock;
use crate::config::Operator;
use crate::db::{AnyConnection, Head};
use crate::error::{Error, Result};
use crate::exchange::export::Moment;
use crate::money::{Fen, Unit};
use crate::period::{Day, Precision};
use crate::project::ProjectState;
use crate::rollup::list::View as ListView;
use crate::rollup::{self, Deadline, Dimension, Filter, Rollup, Scope, Sum};

/// What stays readable in a URL: Chinese words are encoded, our own punctuation is not.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b':').remove(b'~');

/// The parameters that belong to the view and go along with every link.
const VIEW: [&str; 4] = ["as_of", "known_at", "unit", "view"];

/// The parts of an address that stand for something, by the name the table of routes gives them.
pub type Parts = std::collections::BTreeMap<String, String>;

/// The register as pages introduce it.
#[derive(Clone, Debug)]
pub struct Site {
    /// The plan's title.
    pub title: String,
    /// The plan's date.
    pub dated: (Day, Precision),
    /// Who runs the register.
    pub operator: Operator,
    /// Whether this is the demonstration.
    pub demo: bool,
}

/// A page's question, resolved.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The clock of this answer.
    pub clock: Clock,
    /// 截至.
    pub as_of: Day,
    /// 按…时的记录.
    pub known: Head,
    /// The journal's end.
    pub latest: Head,
    /// The unit of money.
    pub unit: Unit,
    /// The page's path, encoded as in an address.
    pub path: String,
    /// What stands in the address where the table of routes has a name in braces.
    pub parts: Parts,
    /// The parameters as given, cleaned, without `format`.
    pub params: Vec<(String, String)>,
    /// What counts.
    pub filter: Filter,
    /// The register.
    pub site: Site,
    /// When to give up.
    pub deadline: Deadline,
    /// The form asked for, when not a page.
    pub format: Option<String>,
    /// Whether everything recorded so far is in view: what is kept of each project's present is
    /// then the answer. With `--today`, and for the public, the view may leave later records out.
    pub is_whole: bool,
    /// The number of the last published head: what everyone may know.
    pub published: i64,
    /// Who reads.
    pub reader: Reader,
}

/// Who reads a page.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Roles and departments.
    pub actor: Actor,
    /// The account; none for the public.
    pub account: Option<i64>,
    /// The session's key, to tell it from the account's others.
    pub session: Option<String>,
    /// The name on screen.
    pub name: String,
    /// What forms bring along to show that they are ours.
    pub csrf: String,
    /// A fresh key for a form of this page.
    pub key: String,
    /// What of the register is seen.
    pub sight: Sight,
    /// The journal row that was just written, when a form led here.
    pub done: Option<i64>,
    /// The last day there is something to see of: today, or what was last published.
    pub last_day: Day,
}

impl Reader {
    /// A reader who has not signed in.
    pub fn public(today: Day) -> Reader {
        Reader {
            actor: Actor::public(),
            account: None,
            session: None,
            name: String::new(),
            csrf: String::new(),
            key: String::new(),
            sight: Sight::Published,
            done: None,
            last_day: today,
        }
    }

    /// Whether the reader may do something.
    pub fn may(&self, action: Action) -> bool {
        self.actor.may(action)
    }
}

impl Asked {
    /// The same question about one system or department only.
    pub fn within(&self, name: &str, value: &str) -> Asked {
        let mut narrowed = self.clone();
        match name {
            "category" => narrowed.filter.category = vec![value.to_owned()],
            _ => narrowed.filter.department = vec![value.to_owned()],
        }
        narrowed
    }

    /// The same question at another day, to which its links then lead.
    pub fn on(&self, day: Day) -> Asked {
        let mut moved = Asked { as_of: day, ..self.clone() };
        moved.params.retain(|(name, _)| name != "as_of");
        moved.params.push(("as_of".into(), day.to_string()));
        moved
    }

    /// Today in Asia/Shanghai.
    pub fn today(&self) -> Day {
        self.clock.today()
    }

    /// Whether the view lies before the plan.
    pub fn is_before_plan(&self) -> bool {
        self.as_of < self.site.dated.0
    }

    /// The day and the head, for exports.
    pub fn moment(&self) -> Moment {
        Moment { as_of: self.as_of, known: self.known.clone() }
    }

    /// A part of the address; empty when it has none of that name.
    pub fn part(&self, name: &str) -> &str {
        self.parts.get(name).map_or("", String::as_str)
    }

    /// The value of a parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A rollup of this page's day and instant.
    pub fn rollup(&self, conn: &mut AnyConnection, by: &[Dimension], filter: &Filter) -> Result<Rollup> {
        let scope = Scope { as_of: self.as_of, known: self.known.clone(), by: by.to_vec(), filter: filter.clone() };
        rollup::rollup(conn, &scope, &self.deadline)
    }

    /// Everything this reader may see: what every other filter of a page begins with.
    pub fn everything(&self) -> Filter {
        Filter { own: self.filter.own.clone(), hidden: self.filter.hidden, ..Filter::default() }
    }

    /// A project at this page's day and instant, as this reader sees it.
    pub fn find_state(&self, conn: &mut AnyConnection, code: &str) -> Result<Option<ProjectState>> {
        let state = crate::project::store::find_state(conn, code, self.as_of, self.known.seq)?;
        Ok(state.map(|state| self.filter.hidden.shown(state)))
    }

    /// The departments this reader may know of, by code and name.
    pub fn departments(&self, conn: &mut AnyConnection) -> Result<Vec<(String, String)>> {
        rollup::open_departments(conn, self.filter.hidden, self.as_of, self.known.seq)
    }

    /// Whether this reader may see a project.
    pub fn sees(&self, state: &ProjectState) -> bool {
        self.filter.own.as_ref().is_none_or(|own| own.holds(state))
    }

    /// What is said of a project this reader does not see, or that is not there.
    pub fn no_project(&self, code: &str) -> Error {
        let hint = match self.filter.own {
            Some(_) => format!("不是本部门牵头或协同的项目；公众看到的：/projects/{code}?view=public"),
            None => format!("编号如 CY-01；在 {} 按当时的记录可能还没有它", self.as_of),
        };
        Error::not_found("项目", code, &hint)
    }

    /// The projects that fit a filter, at this page's day and instant.
    pub fn view_of<'a>(&'a self, filter: &'a Filter) -> ListView<'a> {
        ListView { as_of: self.as_of, known: &self.known, filter, deadline: &self.deadline }
    }

    /// A link to another page in the same view.
    pub fn link(&self, path: &str, params: &[(&str, &str)]) -> String {
        let view = self.params.iter().filter(|(key, _)| VIEW.contains(&key.as_str()));
        let own = params.iter().map(|(key, value)| (*key, *value));
        address(path, own.chain(view.map(|(key, value)| (key.as_str(), value.as_str()))))
    }

    /// This page with one parameter replaced (or dropped).
    pub fn with(&self, name: &str, value: Option<&str>) -> String {
        let others =
            self.params.iter().filter(|(key, _)| key != name).map(|(key, value)| (key.as_str(), value.as_str()));
        address(&self.path, others.chain(value.map(|value| (name, value))))
    }

    /// This page without one value of a parameter.
    pub fn without(&self, name: &str, value: &str) -> String {
        let others = self.params.iter().filter(|(key, given)| !(key == name && given == value));
        address(&self.path, others.map(|(key, value)| (key.as_str(), value.as_str())))
    }

    /// This page in the view alone: without filters.
    pub fn bare(&self) -> String {
        self.link(&self.path, &[])
    }

    /// The view's parameters as hidden fields of a form.
    pub fn hidden(&self) -> Vec<Hidden> {
        let view = self.params.iter().filter(|(key, _)| VIEW.contains(&key.as_str()));
        view.map(|(name, value)| Hidden { name: name.clone(), value: value.clone() }).collect()
    }

    /// Money in the page's unit, in the decimals it needs by itself.
    pub fn money(&self, fen: i64) -> String {
        self.unit.render(Fen::new(fen))
    }

    /// Money with its unit.
    pub fn money_words(&self, fen: i64) -> String {
        format!("{} {}", self.money(fen), self.unit.label())
    }

    /// A cell of a money column; no entries is no record, not zero.
    pub fn money_cell(&self, sum: Sum, decimals: u32, href: String, why: &str) -> Cell {
        match sum.n {
            0 => Cell::absent(why),
            _ => Cell::link(self.unit.render_with(Fen::new(sum.fen), decimals), href),
        }
    }

    /// The decimals of a money column.
    pub fn decimals(&self, sums: impl IntoIterator<Item = Sum>) -> u32 {
        let amounts: Vec<Fen> = sums.into_iter().filter(|sum| sum.n > 0).map(|sum| Fen::new(sum.fen)).collect();
        self.unit.column_decimals(&amounts)
    }

    /// The surroundings of a page under a part of the navigation.
    pub fn frame(&self, title: &str, part: &str) -> Frame {
        let usable = NAV.iter().filter(|(.., needs)| needs.is_none_or(|action| self.reader.may(action)));
        let nav = usable.map(|(label, href, key, _)| NavItem {
            label: (*label).into(),
            href: self.link(href, &[]),
            current: *href == part,
            key: (*key).into(),
        });
        let demonstration = self.site.demo.then(|| {
            format!("演示库：进度和资金都是编造的样例，今天设为 {}；删除 taizhang-demo.db 即全部清除", self.today())
        });
        Frame {
            title: title.into(),
            site: self.site.title.clone(),
            nav: nav.collect(),
            crumbs: if self.path == "/" { Vec::new() } else { vec![Link::new("总览", self.link("/", &[]))] },
            view: self.view(),
            demonstration,
            operator: match &self.site.operator.name {
                Some(name) => format!("主办：{name}"),
                None => "试运行，未设置主办单位；非政府正式发布".into(),
            },
            contact: self.site.operator.contact.clone(),
            head: HeadLine {
                seq: self.known.seq.to_string(),
                hash_short: self.known.hash.chars().take(12).collect(),
                hash: self.known.hash.clone(),
                href: self
                    .reader
                    .may(Action::ReadJournal)
                    .then(|| self.link(&format!("/journal/{}", self.known.seq), &[])),
            },
            formats: Vec::new(),
            search: self.param("q").unwrap_or_default().into(),
            account: self.reader.account.map(|_| Link::new(self.reader.name.as_str(), "/account")),
            sight: self.sight_line(),
            done: self.reader.done.map(|seq| format!("已记入，日志第 {seq} 条。")),
            actions: Vec::new(),
        }
    }

    /// What a reader who sees less or other than the latest of everything is told.
    fn sight_line(&self) -> Option<SightLine> {
        // Whoever must change a one-time password first sees nothing of their own to go back to.
        let is_asked_for = self.reader.account.is_some() && self.param("view").is_some();
        match &self.reader.sight {
            Sight::Published if is_asked_for => Some(SightLine {
                text: "这是公众看到的：截止到最近一次发布".into(),
                link: Some(Link::new("回到自己的视图", self.with("view", None))),
            }),
            Sight::Departments(_) => Some(SightLine {
                text: "只列本部门牵头或协同的项目，合计也只含这些".into(),
                link: Some(Link::new("看公众看到的全部项目", self.with("view", Some("public")))),
            }),
            Sight::Published if self.reader.last_day < self.today() => Some(SightLine {
                text: format!("已发布的内容，截至 {}", self.reader.last_day),
                link: Some(Link::new("历次发布", "/publications")),
            }),
            Sight::Published | Sight::Whole => None,
        }
    }

    /// The same page as CSV and JSON.
    pub fn formats(&self) -> Vec<Link> {
        [("CSV", "csv"), ("JSON", "json")]
            .map(|(label, value)| Link::new(label, self.with("format", Some(value))))
            .to_vec()
    }

    fn view(&self) -> View {
        let is_today = self.as_of >= self.reader.last_day;
        let is_now = self.known == self.latest;
        let keep = self.params.iter().filter(|(key, _)| key != "as_of" && key != "known_at");
        View {
            as_of: self.as_of.to_string(),
            known_at: self.known.at.to_the_second(),
            known_at_exact: self.known.at.rfc3339(),
            as_of_field: self.as_of.to_string(),
            known_at_field: self.param("known_at").unwrap_or_default().into(),
            earliest: self.site.dated.0.to_string(),
            today: self.reader.last_day.to_string(),
            past: (!is_today || !is_now).then(|| Past {
                as_of: (!is_today).then(|| format!("截至 {}", self.as_of)),
                known_at: (!is_now).then(|| format!("按 {} 时的记录", self.known.at.to_the_second())),
                latest_href: self.latest_address(),
            }),
            before_plan: self.is_before_plan().then(|| self.before_plan()),
            unit: self.unit.label().into(),
            units: [Unit::Yuan, Unit::Wan, Unit::Yi]
                .map(|unit| Choice {
                    label: unit.label().into(),
                    href: self.with("unit", (unit != Unit::Wan).then(|| unit.key())),
                    current: unit == self.unit,
                })
                .to_vec(),
            action: self.path.clone(),
            keep: keep.map(|(name, value)| Hidden { name: name.clone(), value: value.clone() }).collect(),
            own: self.hidden(),
        }
    }

    /// 「规划2023年7月印制，此前无数据」.
    pub fn before_plan(&self) -> String {
        let (day, _) = self.site.dated;
        format!("规划{}年{}月印制，此前无数据", day.year(), day.raw() / 100 % 100)
    }

    fn latest_address(&self) -> String {
        let others = self.params.iter().filter(|(key, _)| key != "as_of" && key != "known_at");
        address(&self.path, others.map(|(key, value)| (key.as_str(), value.as_str())))
    }
}

/// The navigation: label, path, the letter after `g`, and what one must be allowed to do to use it.
pub const NAV: [(&str, &str, &str, Option<Action>); 16] = [
    ("待办", "/todo", "t", Some(Action::OwnAccount)),
    ("总览", "/", "h", None),
    ("项目", "/projects", "p", None),
    ("预算执行", "/execution", "x", None),
    ("节点", "/milestones", "m", None),
    ("亮灯", "/lights", "l", None),
    ("月报", "/reports", "b", Some(Action::OwnAccount)),
    ("指标", "/indicators", "i", None),
    ("数据说明", "/data", "d", None),
    ("证明", "/proof", "v", None),
    ("十分钟看懂", "/about", "a", None),
    ("补录", "/backlog", "s", Some(Action::CheckBacklog)),
    ("确认", "/admin/confirmations", "c", Some(Action::Confirm)),
    ("复核", "/admin/approvals", "r", Some(Action::Approve)),
    ("日志", "/journal", "j", Some(Action::ReadJournal)),
    ("账户", "/admin/accounts", "u", Some(Action::ManageAccounts)),
];

fn address<'a>(path: &str, params: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let query: Vec<String> = params.map(|(key, value)| format!("{key}={}", utf8_percent_encode(value, KEPT))).collect();
    match query.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", query.join("&")),
    }
}
