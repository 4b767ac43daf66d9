//! `/monthly`: a month's reports of all projects of a department at once: as a sheet down and up,
//! pasted, or typed line by line; shown with totals and the lights to come; submitted together.

use std::collections::HashMap;

use super::form::start;
use super::parts::lights_to_be;
use super::{crumbs, may_file, path};
use crate::backlog;
use crate::db::AnyConnection;
use crate::error::{Error, Fault, Result};
use crate::exchange::Value;
use crate::exchange::export::Names;
use crate::exchange::monthly_sheet::{Line, Shown, carried};
use crate::light::Light;
use crate::light::read::{self, Judged, View};
use crate::light::words::summary;
use crate::money::Fen;
use crate::monthly::content::{Content, warnings};
use crate::monthly::course::check_submit;
use crate::monthly::figures::{Figures, outlook};
use crate::monthly::kept::Base;
use crate::monthly::typed::{MAX_LINES, Typed, TypedProblem};
use crate::monthly::{check_department, check_month, due_on, duty, store};
use crate::period::{Day, Month};
use crate::project::{Attribute, ProjectState, Source, store as registry};
use crate::ratio::{Ratio, points_behind};
use crate::report::asked::Asked;
use crate::report::form::{Field, Filled, Form};
use crate::report::frame::{Banner, Link, Tone};
use crate::report::section::{Section, Sections, table};
use crate::report::table::{Cell, Kind, Row, Table};

/// The month asked for: this one until another is named.
///
/// # Errors
/// For a text that is no month.
pub fn month_of(asked: &Asked) -> Result<Month> {
    asked.param("month").map_or_else(|| Ok(asked.today().month()), Month::parse)
}

/// Where the page of a month is.
fn address(month: Month) -> String {
    format!("/monthly?month={month}")
}

/// A project whose report of the month the reader can file now.
struct Desk {
    state: ProjectState,
    figures: Figures,
    base: Base,
    from: Option<String>,
}

/// The projects whose report of a month can be filed by the reader: due, led by the department, and
/// neither waiting nor approved.
fn desks(conn: &mut AnyConnection, asked: &Asked, month: Month) -> Result<Vec<Desk>> {
    let wanted = asked.param("department");
    let (mut found, mut after) = (Vec::new(), 0);
    let sources = registry::list_sources(conn)?;
    loop {
        let states = registry::list_states(conn, asked.today(), asked.latest.seq, after, 1_000)?;
        let Some(last) = states.last() else { return Ok(found) };
        after = last.project.id;
        for state in states {
            let lead = state.value(Attribute::LeadDepartment);
            let stage = state.value(Attribute::Stage);
            let is_due = check_month(month, duty::reporting_from(&state), stage, asked.today()).is_ok();
            if !is_due || wanted.is_some_and(|code| code != lead) || !may_file(asked, &state) {
                continue;
            }
            let id = state.project.id;
            let course = store::course_of(conn, id, month, asked.today(), asked.latest.seq)?;
            if check_submit(&course).is_err() {
                continue;
            }
            let place = super::Place { state, month, course };
            let (base, from) = base(conn, &place, &sources, asked.latest.seq)?;
            let figures = store::figures(conn, id, month, asked.latest.seq)?;
            found.push(Desk { state: place.state, figures, base, from });
        }
    }
}

/// What a report starts from, and how that is told.
fn base(
    conn: &mut AnyConnection,
    place: &super::Place,
    sources: &[Source],
    seq: i64,
) -> Result<(Base, Option<String>)> {
    let id = place.state.project.id;
    if let Some(draft) = store::find_draft(conn, id, place.month, place.lead())? {
        return Ok((Base { typed: Typed::of_draft(&draft)?, is_own: true }, Some("草稿".to_owned())));
    }
    let is_own = !store::list_versions(conn, id, place.month, seq)?.is_empty();
    let (typed, from) = start(conn, place, sources, seq)?;
    Ok((Base { typed, is_own }, from))
}

/// A line with what the sheet does not show of its report, and what of that stands nowhere in it.
///
/// # Errors
/// The database's.
pub fn complete(
    conn: &mut AnyConnection,
    month: Month,
    line: &mut Line,
    (today, seq): (Day, i64),
) -> Result<Vec<String>> {
    let Some(state) = registry::find_state(conn, &line.code.value, today, seq)? else { return Ok(Vec::new()) };
    let course = store::course_of(conn, state.project.id, month, today, seq)?;
    let place = super::Place { state, month, course };
    let sources = registry::list_sources(conn)?;
    let (base, _) = base(conn, &place, &sources, seq)?;
    let typed = std::mem::take(&mut line.typed);
    line.typed = base.complete(typed, |field| line.has(field), line.by_place);
    line.by_place = false;
    Ok(base.kept_words(&line.typed))
}

/// The sheet of a month, as far as the reader files it, and the words for whose it is.
///
/// # Errors
/// When nothing can be filed.
pub fn shown(conn: &mut AnyConnection, asked: &Asked, month: Month) -> Result<(Vec<Shown>, String)> {
    let desks = desks(conn, asked, month)?;
    if desks.is_empty() {
        return Err(Error::Conflict(format!("{month} 没有要报送的项目：还没有启用月报，或者都已报送")));
    }
    let names = Names::load(conn)?;
    let ids: Vec<i64> = desks.iter().map(|desk| desk.state.project.id).collect();
    let known = backlog::list_known_of(conn, asked.today(), asked.latest.seq, &ids)?;
    let view = View::at(conn, asked.today(), &asked.latest)?;
    let judged = read::few(conn, &view, &ids)?.into_iter().map(|(_, judged)| (judged.id, judged));
    let judged: HashMap<i64, Judged> = judged.collect();
    let mut leads: Vec<&str> = Vec::new();
    let mut list = Vec::with_capacity(desks.len());
    for desk in &desks {
        let lead = names.department(desk.state.value(Attribute::LeadDepartment));
        if !leads.contains(&lead) {
            leads.push(lead);
        }
        let known = known.get(&desk.state.project.id);
        let light = judged.get(&desk.state.project.id).map(|judged| (&view, judged));
        list.push(Shown {
            code: desk.state.project.code.clone(),
            told: told(&names, desk, month, known, light)?,
            typed: desk.base.typed.clone(),
        });
    }
    let of = leads.join("、");
    Ok((list, of))
}

/// What the register says of a project, in the columns of [`crate::exchange::monthly_sheet::TOLD`].
fn told(
    names: &Names,
    desk: &Desk,
    month: Month,
    known: Option<&backlog::Known>,
    light: Option<(&View, &Judged)>,
) -> Result<Vec<Value>> {
    let state = &desk.state;
    let value = |attribute| Value::from(state.value(attribute));
    let money = |amount: Option<Fen>| amount.map_or(Value::Null, Value::Money);
    let text = |text: Option<String>| text.map_or(Value::Null, Value::Text);
    let span = match (state.year(Attribute::StartYear), state.year(Attribute::EndYear)) {
        (Some(start), Some(end)) => format!("{start}-{end}"),
        _ => String::new(),
    };
    let written = |(day, precision): backlog::Dated| precision.written(day);
    let [begun, ended] = known.map_or([None, None], backlog::Known::begun_and_ended);
    let [to_begin, to_end] = known.map_or([None, None], backlog::Known::planned);
    let last = outlook(&desk.figures, desk.figures.base, month.pred())?;
    // In January the year has no month behind it.
    let rate = last.rate.filter(|_| month.raw() % 100 > 1);
    let (share, points) = rate.map_or((None, None), |(rate, points)| (Some(rate.percent()), Some(points)));
    let moved = light.map(|(_, judged)| &judged.inputs.moved);
    let executed = moved.and_then(|moved| Ratio::new(moved.paid_fiscal?.get(), moved.budget?.get()));
    let shines = light.filter(|(_, judged)| judged.light() != Light::Off);
    let why = |(view, judged): (&View, &Judged)| {
        format!("{} 报告期：{}", view.month, summary(&judged.inputs, &view.params, &judged.verdict, view.as_of))
    };
    Ok(vec![
        value(Attribute::Name),
        Value::from(names.department(state.value(Attribute::LeadDepartment))),
        value(Attribute::ResponsibleUnit),
        value(Attribute::ResponsiblePerson),
        Value::from(span.as_str()),
        money(desk.figures.investment),
        money(known.and_then(|known| known.approved)),
        money(desk.figures.plan),
        Value::Money(desk.figures.base),
        Value::Money(last.in_all),
        text(share),
        text(points),
        text(executed.map(Ratio::percent)),
        text(to_begin.map(written)),
        text(begun.map(written)),
        text(to_end.map(written)),
        text(ended.map(written)),
        text(known.map(backlog::Known::preliminaries)),
        text(shines.map(|(_, judged)| judged.light().label().to_owned())),
        text(shines.map(why)),
        Value::from(desk.from.as_deref().unwrap_or_default()),
        Value::Null,
    ])
}

/// The page: the sheet down and up, a block pasted, or the projects line by line.
pub fn page(conn: &mut AnyConnection, asked: &Asked, month: Month, filled: &Filled) -> Result<Sections> {
    let mut page = Sections::new(asked, &format!("部门月表 {month}"), "/reports");
    page.frame.crumbs.extend(crumbs(month));
    let desks = desks(conn, asked, month)?;
    // Where nothing is to be filed there is no further back, and no month has begun before its day.
    let this = asked.today().month();
    if desks.is_empty() {
        let around = vec![Link::new("本月", address(this))];
        if let Some(error) = &filled.error {
            page.banners.push(Banner { tone: Tone::Bad, text: format!("没有提交：{error}"), link: None });
        }
        page.sentences.push("这个月没有要报送的项目：月报还没有启用，或者都已报送。".into());
        return Ok(page.with(Section { links: around, ..Section::new("none", "没有要报的") }));
    }
    page.sentences.push(format!(
        "{} 个项目待报送，应于 {} 24:00 前报送。三种填法任选一种：下载表格填好上传，整张粘贴，或在下面逐个填；都先看合计和将亮的灯，再一次提交。",
        desks.len(),
        due_on(month)
    ));
    let inferred = desks.iter().filter(|desk| desk.state.is_inferred(Attribute::LeadDepartment)).count();
    if inferred > 0 {
        let text = format!("{inferred} 个项目的责任部门还是推定，可以填写和检查，办公室确认以后才能提交。");
        page.banners.push(Banner { tone: Tone::Note, text, link: None });
    }
    let department = asked.param("department").map_or_else(String::new, |code| format!("&department={code}"));
    let mut links = vec![Link::new("下载这个月的表", format!("{}{department}&format=xlsx", address(month)))];
    links.push(Link::new("上月", address(month.pred())));
    if month < this {
        links.push(Link::new("下月", address(month.succ())));
    }
    let by = |name: &str| filled.values.iter().any(|(key, _)| key == name);
    let none = Filled::default();
    let (of_text, of_lines) = (if by("list") { filled } else { &none }, if by("lines") { filled } else { &none });
    let of_file = if by("list") || by("lines") { &none } else { filled };
    let upload = Form::new(asked, "upload", "/monthly/check", "检查并预览", of_file)
        .hiding("month", month.to_string())
        .with(Field::new("file", "填好的表", "file").required().hint("Excel 工作簿（.xlsx），不超过 8 MB"), of_file);
    let hint = "在 Excel 或 WPS 里选中整张表（连同列名一行）复制，粘贴到这里";
    let paste = Form::new(asked, "pasted", "/monthly/submit", "检查并预览", of_text)
        .hiding("month", month.to_string())
        .with(Field::new("list", "表", "area").required().hint(hint), of_text);
    Ok(page
        .with(Section { links, ..Section::new("down", "一、下载") })
        .with(Section { forms: vec![upload], ..Section::new("up", "二、上传") })
        .with(Section { forms: vec![paste], ..Section::new("paste", "或者粘贴") })
        .with(Section {
            forms: vec![lines_form(asked, month, &desks, of_lines)],
            ..Section::new("lines", "或者逐个填")
        }))
}

/// What is typed of each project in the page itself: name, words, kind, unit. Money of the year comes after
/// the second, a pair a source.
const FIELDS: [(&str, &str, &str, &str); 7] = [
    ("is_nothing", "本月无投资", "check", ""),
    ("completed", "本月完成", "text", "万元"),
    ("progress", "本月形象进度", "text", ""),
    ("percent", "形象进度", "text", "%"),
    ("problem_1", "存在问题", "text", ""),
    ("next_work", "下月计划", "text", ""),
    ("forecast", "全年预计完成", "text", "万元"),
];

fn lines_form(asked: &Asked, month: Month, desks: &[Desk], filled: &Filled) -> Form {
    let mut form = Form::new(asked, "by-line", "/monthly/submit", "检查并预览", filled)
        .hiding("month", month.to_string())
        .hiding("lines", "yes");
    for desk in desks {
        let code = &desk.state.project.code;
        let pairs = desk.base.typed.pairs();
        let holds = |name: &str| {
            let found = pairs.iter().find(|(key, _)| key == name);
            found.map_or_else(String::new, |(_, value)| crate::exchange::sheet::value::one_line(value))
        };
        let field = |name: &str, label: &str, kind: &'static str, unit: &str| Field {
            unit: unit.into(),
            ..Field::new(&format!("{code}.{name}"), label, kind).holding(holds(name))
        };
        let mut fields: Vec<Field> =
            FIELDS.iter().map(|(name, label, kind, unit)| field(name, label, kind, unit)).collect();
        let lines = &desk.base.typed.lines;
        let money = (1..=lines.len().max(1)).flat_map(|n| {
            let source = lines.get(n - 1).map_or("", |line| line.source.as_str());
            [("received", "本年到位"), ("paid", "本年支付")].map(|(name, label)| {
                field(&format!("{name}_{n}"), format!("{label} {source}").trim_end(), "text", "万元")
            })
        });
        let money: Vec<Field> = money.collect();
        fields.splice(2..2, money);
        let base = desk.figures.base.wan_words();
        let legend = format!("{code} {}（年初至上月 {base} 万元）", desk.state.value(Attribute::Name));
        form = form.with_group(&legend, fields, filled);
    }
    form
}

/// The lines of the page's own form: of each project that something was typed for. What is wrong is
/// said of its field.
///
/// # Errors
/// Names a field that is not the form's.
pub fn typed_lines(pairs: &[(String, String)]) -> Result<Vec<Line>> {
    let mut list: Vec<Line> = Vec::new();
    for (key, value) in pairs {
        let Some((code, name)) = key.split_once('.') else { continue };
        if !FIELDS.iter().any(|(known, ..)| *known == name) && money_place(name).is_none() {
            return Err(Error::invalid(key.chars().take(40).collect::<String>(), "", "没有这一项"));
        }
        let at = list.iter().position(|line| line.code.value == code).unwrap_or_else(|| {
            let said = backlog::Said { cell: code.to_owned(), value: code.to_owned() };
            let cells = FIELDS.iter().map(|(name, ..)| ((*name).to_owned(), format!("{code}.{name}"))).collect();
            list.push(Line { code: said, typed: Typed::default(), cells, by_place: true });
            list.len() - 1
        });
        if let Some(line) = list.get_mut(at) {
            if money_place(name).is_some() {
                line.cells.push((name.to_owned(), key.clone()));
            }
            fill(&mut line.typed, name, value.trim());
        }
    }
    // A project of which nothing was said this month is left for later.
    list.retain(|line| line.typed.is_nothing || !line.typed.completed.is_empty());
    match list.is_empty() {
        true => Err(Error::invalid("completed", "", "没有一个项目填了本月完成或本月无投资")),
        false => Ok(list),
    }
}

/// `received_2`: which of a report's sources, from 0, and whether it is what was paid. As many as a report has.
fn money_place(name: &str) -> Option<(usize, bool)> {
    let (word, number) = name.split_once('_')?;
    let number: usize = number.parse().ok().filter(|number| (1..=MAX_LINES).contains(number))?;
    match word {
        "received" => Some((number - 1, false)),
        "paid" => Some((number - 1, true)),
        _ => None,
    }
}

fn fill(typed: &mut Typed, name: &str, value: &str) {
    let text = value.to_owned();
    if let Some((at, is_paid)) = money_place(name) {
        if typed.lines.len() <= at {
            typed.lines.resize_with(at + 1, Default::default);
        }
        if let Some(line) = typed.lines.get_mut(at) {
            if is_paid { line.paid = text } else { line.received = text }
        }
        return;
    }
    match name {
        "is_nothing" => typed.is_nothing = value == "yes",
        "completed" => typed.completed = text,
        "progress" => typed.progress = text,
        "percent" => typed.percent = text,
        "next_work" => typed.next_work = text,
        "forecast" => typed.forecast = text,
        "problem_1" if !value.is_empty() => {
            typed.problems = vec![TypedProblem { text, ..TypedProblem::default() }];
        }
        _ => {}
    }
}

/// A line that was read, with what it builds on.
struct Checked {
    state: ProjectState,
    figures: Figures,
    content: Content,
    hints: Vec<String>,
    /// 「将亮黄灯，因为…」.
    light: Option<String>,
}

/// Reads every line as it would be submitted.
///
/// # Errors
/// Every fault at its cell.
fn checked(conn: &mut AnyConnection, asked: &Asked, month: Month, list: &[Line]) -> Result<Vec<Checked>> {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for line in list {
        match one(conn, asked, month, line) {
            Ok(checked) => found.push(checked),
            Err(error @ Error::Internal { .. }) => return Err(error),
            Err(error) => faults.extend(line.placed(error)),
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let mut to_be = Vec::with_capacity(found.len());
    for checked in &found {
        to_be.push((checked.state.project.id, checked.content.cumulative(checked.figures.base)?));
    }
    let mut lights = lights_to_be(conn, asked, month, &to_be)?;
    for checked in &mut found {
        checked.light = lights.remove(&checked.state.project.id).map(|(_, told)| told);
    }
    Ok(found)
}

fn one(conn: &mut AnyConnection, asked: &Asked, month: Month, line: &Line) -> Result<Checked> {
    let code = &line.code.value;
    let state = registry::find_state(conn, code, asked.today(), asked.latest.seq)?;
    let state = state.filter(|state| asked.sees(state) && may_file(asked, state));
    let state = state.ok_or_else(|| Error::Conflict("没有这个项目，或不是本部门牵头的项目".into()))?;
    let id = state.project.id;
    check_month(month, duty::reporting_from(&state), state.value(Attribute::Stage), asked.today())?;
    check_submit(&store::course_of(conn, id, month, asked.today(), asked.latest.seq)?)?;
    let figures = store::figures(conn, id, month, asked.latest.seq)?;
    let content = line.typed.read(month, figures.base)?;
    let hints = warnings(&content, &figures)?;
    Ok(Checked { state, figures, content, hints, light: None })
}

/// The reports to be, their totals and lights, and the form that submits them.
pub fn preview(
    conn: &mut AnyConnection,
    asked: &Asked,
    month: Month,
    list: &[Line],
    filled: &Filled,
) -> Result<Sections> {
    let (mut list, mut kept) = (list.to_vec(), Vec::new());
    for line in &mut list {
        let words = complete(conn, month, line, (asked.today(), asked.latest.seq))?;
        if !words.is_empty() {
            kept.push(format!("{}：{}", line.code.value, words.join("、")));
        }
    }
    let checked = checked(conn, asked, month, &list)?;
    let mut page = Sections::new(asked, &format!("部门月表 {month}：预览"), "/reports");
    page.frame.crumbs.extend(crumbs(month));
    page.sentences.push(format!("{} 份月报，还没有提交。{}", checked.len(), totals(&checked, month)?));
    page = page.with(Section { table: Some(rows(&checked, month)?), ..Section::new("reports", "要提交的月报") });
    let odd: Vec<String> = checked
        .iter()
        .flat_map(|one| one.hints.iter().map(|hint| format!("{}：{hint}", one.state.project.code)))
        .collect();
    if !odd.is_empty() {
        page = page.with(Section { sentences: odd, ..Section::new("hints", "请核对") });
    }
    if !kept.is_empty() {
        page = page.with(Section { sentences: kept, ..Section::new("kept", "表上没有的，照原来的提交") });
    }
    let inferred: Vec<String> = checked
        .iter()
        .filter_map(|one| {
            let lead = one.state.value(Attribute::LeadDepartment);
            let refused = check_department(lead, one.state.is_inferred(Attribute::LeadDepartment)).err()?;
            Some(format!("{}：{refused}", one.state.project.code))
        })
        .collect();
    let back = Link::new("不提交，返回", address(month));
    if !inferred.is_empty() {
        return Ok(page.with(Section {
            sentences: inferred,
            links: vec![back],
            ..Section::new("submit", "现在不能提交")
        }));
    }
    let mut form = Form::new(asked, "submit", "/monthly/submit", &format!("提交 {} 份月报", checked.len()), filled)
        .hiding("month", month.to_string())
        .hiding("list", carried(&list));
    if asked.reader.actor.roles().contains(&crate::auth::Role::Office) {
        let hint = "办公室代报时写：纸质原件的文号或名称";
        form = form.with(Field { max: 500, ..Field::new("document", "代报依据", "text").hint(hint) }, filled);
    }
    form.step = "done".into();
    let form = Form { cancel: Some(back), ..form };
    Ok(page.with(Section { forms: vec![form], ..Section::new("submit", "提交") }))
}

/// What all of them come to; the rate is weighted, over the projects that have a plan.
fn totals(list: &[Checked], month: Month) -> Result<String> {
    let (mut of_month, mut of_year, mut planned, mut plan) = (Fen::ZERO, Fen::ZERO, Fen::ZERO, Fen::ZERO);
    for one in list {
        let year = one.content.cumulative(one.figures.base)?;
        of_month = of_month.checked_add(one.content.completed)?;
        of_year = of_year.checked_add(year)?;
        if let Some(own) = one.figures.plan.filter(|plan| *plan > Fen::ZERO) {
            plan = plan.checked_add(own)?;
            planned = planned.checked_add(year)?;
        }
    }
    let rate = match Ratio::new(planned.get(), plan.get()).filter(|_| plan > Fen::ZERO) {
        Some(rate) => {
            let points = points_behind(planned.get(), plan.get(), i64::from(month.raw() % 100), 12);
            format!("有年度计划的合计完成率 {}，序时差 {points} 个百分点。", rate.percent())
        }
        None => "年度计划尚未下达，完成率暂不计算。".to_owned(),
    };
    Ok(format!("本月完成合计 {} 万元，年初至本月 {} 万元。{rate}", of_month.wan_words(), of_year.wan_words()))
}

fn rows(list: &[Checked], month: Month) -> Result<Table> {
    let columns = [
        ("项目", Kind::Name, true),
        ("本月完成", Kind::Number, true),
        ("年初至本月", Kind::Number, true),
        ("完成率", Kind::Number, true),
        ("序时差", Kind::Text, true),
        ("将亮的灯，因为", Kind::Text, true),
    ];
    let mut rows = Vec::with_capacity(list.len());
    for one in list {
        let year = one.content.cumulative(one.figures.base)?;
        let ahead = outlook(&one.figures, year, month)?;
        let (rate, points) = match &ahead.rate {
            Some((rate, points)) => (Cell::text(rate.percent()), Cell::text(format!("{points} 个百分点"))),
            None => (Cell::absent("未下达"), Cell::absent("未下达")),
        };
        let completed = match one.content.is_nothing {
            true => Cell::text("0").with_note("本月无投资"),
            false => Cell::text(one.content.completed.wan_words()),
        };
        let light = one.light.as_deref().map_or_else(|| Cell::absent("不判"), Cell::text);
        let code = one.state.project.code.as_str();
        let name = format!("{code} {}", one.state.value(Attribute::Name));
        rows.push(Row::from(vec![
            Cell::link(name, path(code, month)),
            completed,
            Cell::text(year.wan_words()),
            rate,
            points,
            light,
        ]));
    }
    Ok(Table { empty: None, ..table("reports", "金额单位：万元", &columns, "").with_rows(rows) })
}

/// The same refusal of a submission, said of its line's cells.
pub fn placed(line: &Line, error: Error) -> Error {
    let faults: Vec<Fault> = line.placed(error);
    Error::Invalid(faults)
}
