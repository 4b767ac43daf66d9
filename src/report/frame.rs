//! What surrounds every page: navigation, the two time axes, who runs it, the head it was read at.

use serde::Serialize;

/// Everything the layout needs; each page's context has one as `frame`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Frame {
    /// The page's own title, without the site's name; a project's page carries the project's name.
    pub title: String,
    /// The site's name, of the plan that is loaded: 「朝阳区生态文明建设重点工程」.
    pub site: String,
    /// Navigation: only what works and what this viewer can use.
    pub nav: Vec<NavItem>,
    /// The way here, from the overview down; empty on the overview.
    pub crumbs: Vec<Link>,
    /// The two time axes and the unit of this page.
    pub view: View,
    /// The words of the watermark on demonstration data.
    pub demonstration: Option<String>,
    /// Who runs it: 「试运行，未设置主办单位；非政府正式发布」 until set.
    pub operator: String,
    /// How to reach who runs it.
    pub contact: Option<String>,
    /// The journal head this page was read at.
    pub head: HeadLine,
    /// The same content in other formats (CSV, JSON).
    pub formats: Vec<Link>,
    /// What was last searched, so that the box keeps it.
    pub search: String,
    /// The reader's own page; none for those who have not signed in.
    pub account: Option<Link>,
    /// Said when the reader sees less or other than the latest of everything.
    pub sight: Option<SightLine>,
    /// What a form just did.
    pub done: Option<String>,
    /// What this reader can do from here.
    pub actions: Vec<Link>,
}

/// What of the register a page shows, when it is not the latest of everything.
#[derive(Clone, Debug, Serialize)]
pub struct SightLine {
    /// The sentence.
    pub text: String,
    /// The other view.
    pub link: Option<Link>,
}

/// A link with its words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The words.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

impl Link {
    /// A link from its words and target.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// An entry of the navigation.
#[derive(Clone, Debug, Serialize)]
pub struct NavItem {
    /// The words.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Whether the reader is in this part.
    pub current: bool,
    /// The letter that follows `g` on the keyboard.
    pub key: String,
}

/// As of which day, as known at which instant, in which unit.
#[derive(Clone, Debug, Default, Serialize)]
pub struct View {
    /// The resolved day, ISO.
    pub as_of: String,
    /// The resolved instant, for readers: `2026-11-23 20:13:38`.
    pub known_at: String,
    /// The same instant exactly, RFC 3339: pages are reproduced with it.
    pub known_at_exact: String,
    /// What the `as_of` field of the form holds.
    pub as_of_field: String,
    /// What the `known_at` field of the form holds; empty means now.
    pub known_at_field: String,
    /// The earliest day that makes sense in the form.
    pub earliest: String,
    /// Today, the latest day allowed.
    pub today: String,
    /// Set when the view is not today's: the sentence of the banner, 「截至 …」「按 … 时的记录」.
    pub past: Option<Past>,
    /// A sentence for a day before the plan, instead of figures.
    pub before_plan: Option<String>,
    /// The unit money is shown in: 万元.
    pub unit: String,
    /// The same page in each unit; empty where no money is shown.
    pub units: Vec<Choice>,
    /// Where the form leads: this page's path.
    pub action: String,
    /// The page's other parameters, kept when the view changes.
    pub keep: Vec<Hidden>,
    /// The view's own parameters, carried along by the search at the top.
    pub own: Vec<Hidden>,
}

/// The banner over a view that is not today's.
#[derive(Clone, Debug, Serialize)]
pub struct Past {
    /// 「截至 2025-06-30」, when the day is not today.
    pub as_of: Option<String>,
    /// 「按 2026-11-23 18:00:00 时的记录」, when the instant is not now.
    pub known_at: Option<String>,
    /// The same page without both: 「回到最新」.
    pub latest_href: String,
}

/// One of several mutually exclusive links.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// The words.
    pub label: String,
    /// The page with this choice.
    pub href: String,
    /// Whether it is the present one.
    pub current: bool,
}

/// A parameter a form carries along.
#[derive(Clone, Debug, Serialize)]
pub struct Hidden {
    /// The parameter.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// The journal's head, in the footer of every page.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HeadLine {
    /// The sequence number.
    pub seq: String,
    /// The first twelve digits of the hash.
    pub hash_short: String,
    /// The whole hash.
    pub hash: String,
    /// Where the chain is shown, when that works.
    pub href: Option<String>,
}

/// A sentence across the page, above what it is about.
#[derive(Clone, Debug, Serialize)]
pub struct Banner {
    /// How it is set; every tone also has its own leading word.
    pub tone: Tone,
    /// The sentence.
    pub text: String,
    /// Where more is said.
    pub link: Option<Link>,
}

/// The tone of a banner; the name is the CSS class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Good to know.
    Note,
    /// Changes how the figures may be used.
    Caution,
    /// Something is wrong.
    Bad,
}

/// An oddity of the source, shown where it matters and never silently corrected.
#[derive(Clone, Debug, Serialize)]
pub struct FindingNote {
    /// What was found.
    pub text: String,
    /// What is done about it.
    pub handling: String,
    /// The row or line it is attached to.
    pub subject: Option<Link>,
}

/// A labelled fact of a definition list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// The value; with `absent` set, the word that says why there is none.
    pub value: String,
    /// Whether the value is missing.
    pub absent: bool,
    /// What stands behind the value.
    pub href: Option<String>,
    /// Its status: 推定·待确认, 已确认.
    pub mark: Option<super::table::Mark>,
    /// The reasoning behind it.
    pub basis: Option<String>,
    /// The line or document it comes from.
    pub source: Option<Link>,
}

/// A filter form; everything it does is in the URL.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FilterForm {
    /// Where it leads.
    pub action: String,
    /// What is being searched, when the form has a search box.
    pub search: Option<SearchBox>,
    /// The choices.
    pub selects: Vec<Select>,
    /// Parameters carried along.
    pub keep: Vec<Hidden>,
    /// What is selected now, in words, each with the link that drops it.
    pub applied: Vec<Link>,
    /// The page without any filter; set when one is applied.
    pub reset: Option<String>,
    /// How many rows the filter leaves: 「32 项中的 5 项」.
    pub outcome: String,
}

/// A search box.
#[derive(Clone, Debug, Serialize)]
pub struct SearchBox {
    /// The parameter.
    pub name: String,
    /// The label.
    pub label: String,
    /// What it holds.
    pub value: String,
    /// What can be typed.
    pub hint: String,
}

impl SearchBox {
    /// The box that searches a list for words.
    pub fn words(asked: &super::asked::Asked, hint: &str) -> SearchBox {
        let value = asked.param("q").unwrap_or_default().into();
        SearchBox { name: "q".into(), label: "搜索".into(), value, hint: hint.into() }
    }
}

/// A select of a filter form.
#[derive(Clone, Debug, Serialize)]
pub struct Select {
    /// The parameter.
    pub name: String,
    /// The label.
    pub label: String,
    /// The options, the first being 「全部」 with an empty value.
    pub options: Vec<SelectOption>,
}

/// An option of a select.
#[derive(Clone, Debug, Serialize)]
pub struct SelectOption {
    /// The value sent.
    pub value: String,
    /// The words.
    pub label: String,
    /// Whether it is chosen.
    pub selected: bool,
}

/// A figure large enough to be read across a desk.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Headline {
    /// What the figure is: 「32 项重点工程，规划投资额（估算）合计」.
    pub label: String,
    /// The figure.
    pub value: String,
    /// Its unit.
    pub unit: String,
    /// The figure in another unit: 「约 95.90 亿元」.
    pub also: Option<String>,
    /// The rows that make it.
    pub href: String,
    /// How it may be used: the sentence under the headline.
    pub caveat: String,
}

/// A smaller figure beside the headline.
#[derive(Clone, Debug, Serialize)]
pub struct KeyFigure {
    /// The figure with its unit: 「24 项」.
    pub value: String,
    /// What it is.
    pub label: String,
    /// A second line: 「380,754 万元」.
    pub note: Option<String>,
    /// The rows that make it.
    pub href: Option<String>,
}
