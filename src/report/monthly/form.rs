//! A report's forms: filling it in, checking it before it is submitted, and what others answer.

use super::parts::{amount, fact, lights_to_be, outlook_facts};
use super::{Place, crumbs, may_file, path, place};
use crate::account;
use crate::auth::Role;
use crate::db::AnyConnection;
use crate::document::attachment;
use crate::error::{Error, Fault, Result};
use crate::light::Light;
use crate::monthly::content::warnings;
use crate::monthly::course::{Stage, check_submit};
use crate::monthly::figures::{Figures, outlook};
use crate::monthly::photo::MAX_CAPTION;
use crate::monthly::typed::{MAX_LINE, MAX_LINES, MAX_PROBLEMS, MAX_PROSE, Typed};
use crate::monthly::{JUDGEMENTS, check_department, check_month, due_on, duty, store};
use crate::period::Month;
use crate::project::{Attribute, Source, store as registry};
use crate::report::asked::Asked;
use crate::report::form::{Also, Field, Filled, Form, FormPage};
use crate::report::frame::{Banner, Fact, Link, Tone};
use crate::report::journal::who;
use crate::report::table::{Cell, Column, Kind, Row, Table};

/// Rows of money and of problems that a form shows at least.
const ROWS: usize = 2;

/// The report of an address for whoever files it, and what it starts from.
struct Desk {
    place: Place,
    figures: Figures,
    sources: Vec<Source>,
    /// The draft's version; 0: there is none.
    version: i64,
    typed: Typed,
    /// Where the content comes from, when it is not the draft.
    from: Option<String>,
    /// Who saved the draft last, and when.
    saved: Option<(String, String)>,
}

fn desk(conn: &mut AnyConnection, asked: &Asked, code: &str, month: &str) -> Result<Desk> {
    let place = place(conn, asked, code, month)?;
    if !may_file(asked, &place.state) {
        return Err(Error::Forbidden("只能填报本部门牵头的项目".into()));
    }
    check_submit(&place.course)?;
    if place.month.first_day() > asked.today() {
        let message = format!("报告期还没有开始（今天 {}）；到 {} 再填", asked.today(), place.month.first_day());
        return Err(Error::invalid("month", month, message));
    }
    let (id, seq) = (place.state.project.id, asked.latest.seq);
    let sources = registry::list_sources(conn)?;
    let figures = store::figures(conn, id, place.month, seq)?;
    let draft = store::find_draft(conn, id, place.month, place.lead())?;
    let (version, typed, from, saved) = match draft {
        Some(draft) => {
            let people = account::store::list_names(conn)?;
            let at = crate::clock::Instant::from_micros(draft.at_us).to_the_second();
            (draft.version, Typed::of_draft(&draft)?, None, Some((who(&draft.actor, &people), at)))
        }
        None => {
            let (typed, from) = start(conn, &place, &sources, seq)?;
            (0, typed, from, None)
        }
    };
    Ok(Desk { place, figures, sources, version, typed, from, saved })
}

/// What a report without a draft starts from: what was returned or withdrawn, or last month's.
pub(super) fn start(
    conn: &mut AnyConnection,
    place: &Place,
    sources: &[Source],
    seq: i64,
) -> Result<(Typed, Option<String>)> {
    let id = place.state.project.id;
    let own = store::list_versions(conn, id, place.month, seq)?.pop();
    if let Some(own) = own
        && let Some(whole) = super::parts::whole(conn, own.fact.id)?
    {
        return Ok((whole.typed(sources), Some(format!("已填入第 {} 版的内容，改好再提交。", own.fact.number))));
    }
    let months = store::list_months(conn, id, seq)?;
    let Some(last) = months.into_iter().find(|month| *month < place.month) else { return Ok((Typed::default(), None)) };
    let Some(version) = store::list_versions(conn, id, last, seq)?.pop() else { return Ok((Typed::default(), None)) };
    Ok(match super::parts::whole(conn, version.fact.id)? {
        Some(whole) => (whole.next_month(sources), Some(format!("已填入 {last} 月报的内容，请改成本月的。"))),
        None => (Typed::default(), None),
    })
}

fn page(asked: &Asked, place: &Place, title: &str, form: Form) -> FormPage {
    let name = place.state.value(Attribute::Name);
    let mut frame = asked.frame(&format!("{name} {} 月报：{title}", place.month), "/reports");
    frame.crumbs.extend(crumbs(place.month));
    frame.crumbs.push(Link::new(format!("{} {name}", place.code()), path(place.code(), place.month)));
    FormPage { frame, sentences: Vec::new(), banners: Vec::new(), facts: Vec::new(), form, tables: Vec::new() }
}

/// The form that fills a report in.
pub fn edit(conn: &mut AnyConnection, asked: &Asked, code: &str, month: &str, filled: &Filled) -> Result<FormPage> {
    let desk = desk(conn, asked, code, month)?;
    let mut shown = filled.clone();
    // What was opened by its address holds no more than the step.
    if filled.error.is_none() {
        shown.values = desk.typed.pairs();
        if asked.param("step") == Some("check") {
            shown.error = desk.typed.read(desk.place.month, desk.figures.base).err();
        }
    }
    let mut form = fields(&desk, asked, &shown);
    form.version = desk.version.to_string();
    form.keeps = true;
    let mut page = page(asked, &desk.place, "填报", form);
    page.facts = known(&desk);
    page.sentences.push(format!(
        "金额以万元计。应于 {} 24:00 前报送；「存并核对」先存草稿，给出累计和完成率，再提交。",
        due_on(desk.place.month)
    ));
    page.sentences.extend(desk.from.clone());
    if let Some((by, at)) = &desk.saved {
        page.sentences.push(format!("草稿由{by}存于 {at}；本部门的填报人都能接着改。"));
    }
    if let Err(error) = check_department(desk.place.lead(), desk.place.state.is_inferred(Attribute::LeadDepartment)) {
        page.banners.push(Banner { tone: Tone::Note, text: format!("{error}。"), link: None });
    }
    if let Some(error @ Error::Stale(_)) = &filled.error {
        page.form.problem = Some(format!("{error}。表里是这次填的，旁边列出别人存的；仍要存就再存一次。"));
        page.tables.push(both(&desk.typed, &filled.values));
    }
    Ok(page)
}

/// What was saved meanwhile beside what was typed: only where they differ.
fn both(saved: &Typed, typed: &[(String, String)]) -> Table {
    let saved = saved.pairs();
    let value = |pairs: &[(String, String)], name: &str| {
        pairs.iter().find(|(key, _)| key == name).map_or_else(String::new, |(_, value)| value.clone())
    };
    let mut names: Vec<String> = saved.iter().map(|(name, _)| name.clone()).collect();
    names.extend(typed.iter().map(|(name, _)| name.clone()).filter(|name| !saved.iter().any(|(own, _)| own == name)));
    let cell = |text: String| if text.is_empty() { Cell::absent("未填") } else { Cell::text(text) };
    let rows = names.iter().filter(|name| *name != "step").filter_map(|name| {
        let (theirs, mine) = (value(&saved, name), value(typed, name));
        (theirs != mine).then(|| Row::from(vec![Cell::text(label(name)), cell(theirs), cell(mine)]))
    });
    let column = |label: &str, kind| Column { label: label.into(), kind, narrow: true, ..Column::default() };
    let columns = vec![column("项", Kind::Name), column("别人存的", Kind::Prose), column("这次填的", Kind::Prose)];
    let table = Table { id: "both".into(), caption: "两份内容不同的地方".into(), columns, ..Table::default() };
    table.with_rows(rows.collect())
}

/// The words of each field.
const LABELS: [(&str, &str); 15] = [
    ("month", "报告期"),
    ("completed", "本月完成投资"),
    ("progress", "本月形象进度"),
    ("percent", "形象进度百分比"),
    ("next_work", "下月工作"),
    ("cumulative", "年初至本月累计"),
    ("is_reduction", "这是冲减"),
    ("reduction_reason", "冲减原因"),
    ("correction", "更正上月"),
    ("correction_reason", "更正原因"),
    ("forecast", "全年预计完成"),
    ("proposal", "计划建议数"),
    ("judgement", "自评"),
    ("judgement_reason", "自评理由"),
    ("is_nothing", "本月无投资"),
];

/// Those of a numbered row.
const ROW_LABELS: [(&str, &str); 6] = [
    ("source", "资金来源"),
    ("received", "本年到位"),
    ("paid", "本年支付"),
    ("problem", "问题"),
    ("counterpart", "对口单位"),
    ("problem_due", "要求期限"),
];

fn label(name: &str) -> String {
    if let Some((_, label)) = LABELS.iter().find(|(known, _)| *known == name) {
        return (*label).to_owned();
    }
    let (field, row) = name.rsplit_once('_').unwrap_or((name, ""));
    let found = ROW_LABELS.iter().find(|(known, _)| *known == field);
    found.map_or_else(|| name.to_owned(), |(_, label)| format!("{label} {row}"))
}

/// The same faults, each at the words of its field.
fn named(error: Error) -> Error {
    match error {
        Error::Invalid(faults) => Error::Invalid(
            faults
                .into_iter()
                .map(|fault| match fault.field.as_str() {
                    "document" => fault,
                    field => Fault { field: label(field), ..fault },
                })
                .collect(),
        ),
        other => other,
    }
}

/// What stands before this report is added.
fn known(desk: &Desk) -> Vec<Fact> {
    let figures = &desk.figures;
    let mut facts = vec![
        fact("规划投资额（估算）", figures.investment.map_or_else(String::new, amount), "未填"),
        fact("年度计划投资", figures.plan.map_or_else(String::new, amount), "尚未下达，完成率暂不计算"),
        fact("年初至上月累计", amount(figures.base), ""),
    ];
    if !figures.pending.is_empty() {
        let months: Vec<String> =
            figures.pending.iter().map(|(month, fen)| format!("{month}：{} 万元", fen.wan_words())).collect();
        facts.push(fact("其中尚未通过", months.join("；"), ""));
    }
    if let Some(elsewhere) = figures.elsewhere {
        let basis = Some("不是月报记入的；本月完成不要再报一遍".to_owned());
        facts.push(Fact { basis, ..fact("本月已另外记入", amount(elsewhere), "") });
    }
    facts
}

fn fields(desk: &Desk, asked: &Asked, filled: &Filled) -> Form {
    let text = |name: &str, max: usize| Field { max, ..Field::new(name, &label(name), "text") };
    let money = |name: &str| Field { unit: "万元".into(), ..text(name, 24) };
    let action = format!("{}/edit", path(desk.place.code(), desk.place.month));
    let form = Form::new(asked, "report", action, "存并核对", filled)
        .with(Field::new("is_nothing", "本月无投资（不是没报，是确实没有发生）", "check"), filled)
        .with(money("completed").hint("只填本月的；累计自动相加"), filled)
        .with(
            Field { max: MAX_PROSE, ..Field::new("progress", "本月形象进度", "area") }
                .hint("一两句话：做了什么，到哪一步"),
            filled,
        )
        .with(Field { unit: "%".into(), ..text("percent", 4) }.hint("0 至 100 的整数，不确定就空着"), filled)
        .with(Field { max: MAX_PROSE, ..Field::new("next_work", "下月工作", "area") }, filled);
    let form = problems(form, filled);
    let form = own_account(form, desk, filled);
    let form = form
        .with_group(
            "年度",
            vec![
                money("forecast").hint("到年底一共能完成多少"),
                money("proposal").hint("年度计划还没下达或要调整时填；计划部门凭文号采纳"),
            ],
            filled,
        )
        .with_group(
            "累计和冲减（一般不填）",
            vec![
                money("cumulative").hint("有全年累计数时可以改填这一项，本月数自动得出"),
                Field::new("is_reduction", "这是冲减：累计比上月少", "check"),
                text("reduction_reason", MAX_LINE),
            ],
            filled,
        )
        .with_group(
            "更正上月（一般不填）",
            vec![
                money("correction").hint("上月预计与实际的差：多报写负数，少报写正数；上月已锁定的，通过后作补记"),
                text("correction_reason", MAX_LINE),
            ],
            filled,
        );
    let judgements: Vec<(String, String)> = std::iter::once((String::new(), "不评".to_owned()))
        .chain(JUDGEMENTS.map(|(word, label)| (word.to_owned(), label.to_owned())))
        .collect();
    let form = form.with_group(
        "自评",
        vec![Field::select("judgement", "自评", &judgements, ""), text("judgement_reason", MAX_LINE)],
        filled,
    );
    Form {
        step: "check".into(),
        also: Some(Also::new("只存草稿", "save")),
        cancel: Some(Link::new("不存了", path(desk.place.code(), desk.place.month))),
        ..form
    }
}

/// The rows a form shows: what is used and one more.
fn rows(filled: &Filled, names: &[&str], most: usize) -> usize {
    let is_used = |row: &usize| {
        names.iter().any(|name| filled.value(&format!("{name}_{row}")).is_some_and(|value| !value.is_empty()))
    };
    let used = (1..=most).rev().find(is_used).unwrap_or(0);
    (used + 1).clamp(ROWS, most)
}

fn problems(mut form: Form, filled: &Filled) -> Form {
    for row in 1..=rows(filled, &["problem", "counterpart", "problem_due"], MAX_PROBLEMS) {
        let name = |name: &str| format!("{name}_{row}");
        let fields = vec![
            Field { max: 500, ..Field::new(&name("problem"), "是什么", "text") },
            Field { max: MAX_LINE, ..Field::new(&name("counterpart"), "对口单位", "text") }.hint("需要谁协调"),
            Field::new(&name("problem_due"), "要求期限", "date"),
        ];
        form = form.with_group(&format!("问题 {row}"), fields, filled);
    }
    form
}

fn own_account(mut form: Form, desk: &Desk, filled: &Filled) -> Form {
    let sources: Vec<(String, String)> = std::iter::once((String::new(), "未落实".to_owned()))
        .chain(desk.sources.iter().map(|source| (source.code.clone(), format!("{} {}", source.code, source.name))))
        .collect();
    for row in 1..=rows(filled, &["received", "paid"], MAX_LINES) {
        let name = |name: &str| format!("{name}_{row}");
        let money = |field: &str, label: &str| Field {
            unit: "万元".into(),
            max: 24,
            ..Field::new(&name(field), label, "text")
        };
        let fields = vec![
            Field::select(&name("source"), "资金来源", &sources, ""),
            money("received", "本年到位"),
            money("paid", "本年支付"),
        ];
        form = form.with_group(&format!("到位和支付 {row}（年初至今，单位自报）"), fields, filled);
    }
    form
}

/// What the draft comes to, before it is submitted.
pub fn check(conn: &mut AnyConnection, asked: &Asked, code: &str, month: &str, filled: &Filled) -> Result<FormPage> {
    let desk = desk(conn, asked, code, month)?;
    let href = path(desk.place.code(), desk.place.month);
    // The fields themselves are on another page: here they are told by their names on it.
    let filled = &Filled { error: filled.error.clone().map(named), ..filled.clone() };
    let mut form = Form::new(asked, "submit", format!("{href}/submit"), "提交", filled);
    form.version = desk.version.to_string();
    form.cancel = Some(Link::new("回去改", format!("{href}/edit?step=check")));
    let content = desk.typed.read(desk.place.month, desk.figures.base);
    let stage = desk.place.state.value(Attribute::Stage);
    let ready = check_month(desk.place.month, duty::reporting_from(&desk.place.state), stage, asked.today())
        .and_then(|()| check_department(desk.place.lead(), desk.place.state.is_inferred(Attribute::LeadDepartment)));
    let by_office = !asked.reader.actor.roles().contains(&Role::Reporter);
    if by_office {
        let field = Field { max: 500, ..Field::new("document", "代报：纸质原件的文号或名称", "text") };
        form = form.with(field.required().hint("办公室代报要注明原件；提交后在文件页附上扫描件"), filled);
    }
    let mut page = page(asked, &desk.place, "核对", form);
    if desk.version == 0 {
        page.banners.push(Banner { tone: Tone::Note, text: "还没有存草稿。".into(), link: None });
    }
    match content {
        Err(error) => {
            let link = Some(Link::new("回去改", format!("{href}/edit?step=check")));
            let text = named(error).to_string().replace('\n', "；");
            page.banners.push(Banner { tone: Tone::Bad, text: format!("还不能提交。{text}"), link });
        }
        Ok(content) => {
            let of_year = content.cumulative(desk.figures.base)?;
            let month = match content.is_nothing {
                true => "本月无投资".to_owned(),
                false => amount(content.completed),
            };
            page.facts = vec![fact("本月完成投资", month, "")];
            page.facts.extend(outlook_facts(&desk.figures, &outlook(&desk.figures, of_year, desk.place.month)?));
            page.facts.push(fact("形象进度", content.progress.clone(), "未填"));
            page.facts.push(fact("问题", problems_count(content.problems.len()), ""));
            let id = desk.place.state.project.id;
            if let Some((light, told)) = lights_to_be(conn, asked, desk.place.month, &[(id, of_year)])?.remove(&id) {
                match light {
                    Light::Red | Light::Yellow => {
                        page.banners.push(Banner { tone: Tone::Caution, text: told, link: None });
                    }
                    _ => page.facts.push(fact("亮灯", told, "")),
                }
            }
            let odd = warnings(&content, &desk.figures)?;
            page.banners.extend(odd.into_iter().map(|text| Banner { tone: Tone::Caution, text, link: None }));
        }
    }
    if let Err(error) = ready {
        page.banners.push(Banner { tone: Tone::Bad, text: format!("还不能提交：{error}。"), link: None });
    }
    page.sentences.push("提交后锁定；下一步开始审核之前可以撤回。".into());
    Ok(page)
}

fn problems_count(count: usize) -> String {
    if count == 0 { "没有".into() } else { format!("{count} 个") }
}

fn with_version(form: Form, place: &Place) -> Form {
    Form { version: place.course.seq.to_string(), ..form }
}

/// Taking a submission back.
pub(super) fn withdraw(asked: &Asked, place: &Place) -> Form {
    let action = format!("{}/withdraw", path(place.code(), place.month));
    with_version(Form { is_grave: true, ..Form::new(asked, "withdraw", action, "撤回", &Filled::default()) }, place)
}

/// What a reviewer can decide at a stage: pass or approve, return, and 开始审核 while nobody has.
pub(super) fn decisions(asked: &Asked, place: &Place, stage: Stage) -> Vec<Form> {
    let href = path(place.code(), place.month);
    let (word, words) = match stage {
        Stage::Department => ("pass", "通过，送办公室复核"),
        Stage::Office => ("approve", "通过，完成投资记入台账"),
    };
    let yes = Form::new(asked, word, format!("{href}/{word}"), words, &Filled::default());
    let back = send_back(asked, place, &Filled::default());
    let begin = (!place.course.is_opened)
        .then(|| Form::new(asked, "open", format!("{href}/open"), "开始审核，不再让撤回", &Filled::default()));
    let forms = [Some(with_version(yes, place)), Some(back), begin.map(|form| with_version(form, place))];
    forms.into_iter().flatten().collect()
}

/// Returning it with a reason.
pub(super) fn send_back(asked: &Asked, place: &Place, filled: &Filled) -> Form {
    let action = format!("{}/return", path(place.code(), place.month));
    let reason = Field { max: 500, ..Field::new("reason", "退回的原因", "text") };
    let form = Form::new(asked, "return", action, "退回", filled).with(reason.required().hint("写明要改什么"), filled);
    with_version(Form { is_grave: true, ..form }, place)
}

/// The page of one decision, shown again when it was refused.
pub fn again(
    conn: &mut AnyConnection,
    asked: &Asked,
    (code, month, word): (&str, &str, &str),
    filled: &Filled,
) -> Result<FormPage> {
    let place = place(conn, asked, code, month)?;
    let action = format!("{}/{word}", path(place.code(), place.month));
    let mut form = match word {
        "return" => send_back(asked, &place, filled),
        "pass" => Form::new(asked, word, action, "通过", filled),
        "approve" => Form::new(asked, word, action, "通过", filled),
        "open" => Form::new(asked, word, action, "开始审核", filled),
        _ => Form::new(asked, word, action, "撤回", filled),
    };
    form = with_version(form, &place);
    form.cancel = Some(Link::new("回到月报", path(place.code(), place.month)));
    Ok(page(asked, &place, "办理", form))
}

/// What brings a photo.
pub fn photo(asked: &Asked, code: &str, month: Month, filled: &Filled) -> Form {
    let hint = format!(
        "{}，最多 {}。手机写在照片里的地点、时间和机主都去掉，只留画面；附上后不能删除。",
        attachment::photo::ACCEPTED,
        attachment::MAX_WORDS
    );
    let caption =
        Field { max: MAX_CAPTION, ..Field::new("caption", "说明", "text").hint("拍的是什么，可以不填") };
    let form = Form::new(asked, "photo", format!("{}/photos", path(code, month)), "附上照片", filled)
        .with(Field::new("file", "照片", "file").required().hint(&hint), filled)
        .with(caption, filled);
    Form { has_file: true, ..form }
}

/// The form of a photo by itself.
pub fn photo_page(
    conn: &mut AnyConnection,
    asked: &Asked,
    code: &str,
    month: &str,
    filled: &Filled,
) -> Result<FormPage> {
    let place = place(conn, asked, code, month)?;
    if !may_file(asked, &place.state) {
        return Err(Error::Forbidden("只能给本部门牵头的项目附照片".into()));
    }
    let back = Link::new("返回月报", path(place.code(), place.month));
    let form = Form { cancel: Some(back), ..photo(asked, place.code(), place.month, filled) };
    Ok(page(asked, &place, "附照片", form))
}

/// 办结 of a problem.
pub fn settle(asked: &Asked, problem: i64, (text, back): (&str, &str), filled: &Filled) -> Form {
    let shown: String = text.chars().take(30).collect();
    let field = Field { max: 500, ..Field::new("note", &format!("「{shown}」怎么解决的"), "text") };
    Form::new(asked, &format!("settle-{problem}"), format!("/reports/problems/{problem}/settle"), "办结", filled)
        .with(field.required(), filled)
        .hiding("back", back)
}

/// Taking a 计划建议数 up.
pub fn accept(asked: &Asked, version: i64, filled: &Filled) -> Form {
    let document = Field { max: 500, ..Field::new("document", "下达或调整的文号", "text") };
    Form::new(asked, "accept", format!("/reports/proposals/{version}/accept"), "采纳，记入年度计划", filled)
        .with(document.required(), filled)
        .with(
            Field { max: 500, ..Field::new("document_title", "文件标题", "text") }.hint("第一次引用这份文件时填"),
            filled,
        )
}

/// Not taking it up.
pub fn decline(asked: &Asked, version: i64, filled: &Filled) -> Form {
    let reason = Field { max: 500, ..Field::new("reason", "不采纳的理由", "text") };
    Form::new(asked, "decline", format!("/reports/proposals/{version}/decline"), "不采纳", filled)
        .with(reason.required(), filled)
}
