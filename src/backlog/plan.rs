//! What a sheet changes: every row against how its project stood then and stands now.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::known::sums_of;
use super::{Change, Dated, Hint, Known, MEASURES, Outcome, Paper, Planned, Said, Sums, What, Wish};
use super::{list_known_of, total};
use crate::db::AnyConnection;
use crate::error::{Error, Fault, Result};
use crate::ledger::suspect_unit;
use crate::milestone::order::{self, Node, Said as Told, Span, Surroundings};
use crate::milestone::{FactKind, STANDARD};
use crate::money::Fen;
use crate::period::{Day, Precision, Year};
use crate::project::{Attribute, NATURES, STAGES, exceeds_estimate, store};
use crate::subtotal::Sum;

/// Sheets put together from so many downloads are compared one by one; more is a mistake.
const MAX_VERSIONS: usize = 50;

/// What each row would change, against the register at (`today`, `seq`).
///
/// # Errors
/// Every bad cell with its value and what is allowed; nothing is told of the good rows then.
pub fn preview(conn: &mut AnyConnection, list: &[Wish], today: Day, seq: i64) -> Result<Outcome> {
    let ids = ids_of(conn, list)?;
    let now = list_known_of(conn, today, seq, &ids)?;
    let then = versions(conn, list, &ids, (today, seq))?;
    let up_to = balances(conn, list, &ids, (today, seq))?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for (wish, id) in list.iter().zip(&ids) {
        let Some(now) = now.get(id) else {
            let message = "在今天的登记簿里没有这个项目";
            faults.push(fault(&wish.code.cell, &wish.code.value, message));
            continue;
        };
        let base = wish.version.as_ref().map_or(Some(now), |version| then.get(&(version.value, *id))).unwrap_or(now);
        let day = wish.up_to.as_ref().map_or(today, |said| said.value);
        let none = Sums::new();
        let sums = up_to.get(&(day, *id)).unwrap_or(&none);
        let mut row =
            Reading { wish, base, now, sums, today, changes: Vec::new(), hints: Vec::new(), faults: Vec::new() };
        row.read()?;
        faults.append(&mut row.faults);
        let name = now.state.value(Attribute::Name).to_owned();
        rows.push(Planned {
            project: *id,
            code: wish.code.value.clone(),
            name,
            changes: row.changes,
            hints: row.hints,
        });
    }
    match faults.is_empty() {
        true => Ok(Outcome { rows }),
        false => Err(Error::Invalid(faults)),
    }
}

fn fault(cell: &str, value: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault { field: cell.into(), value: value.into(), message: message.into() }
}

/// The projects of the rows: each registered, none twice.
fn ids_of(conn: &mut AnyConnection, list: &[Wish]) -> Result<Vec<i64>> {
    let (mut ids, mut faults) = (Vec::with_capacity(list.len()), Vec::new());
    let mut first: HashMap<&str, &str> = HashMap::new();
    for wish in list {
        let (cell, code) = (wish.code.cell.as_str(), wish.code.value.as_str());
        if let Some(other) = first.insert(code, cell) {
            faults.push(fault(cell, code, format!("与 {other} 是同一个项目；每个项目一行")));
        }
        match store::find(conn, code)? {
            Some(project) => ids.push(project.id),
            None => faults.push(fault(cell, code, "没有这个项目；编号如 CY-01，请用下载的表")),
        }
    }
    match faults.is_empty() {
        true => Ok(ids),
        false => Err(Error::Invalid(faults)),
    }
}

/// How the projects stood at the journal rows that the sheet names.
fn versions(
    conn: &mut AnyConnection,
    list: &[Wish],
    ids: &[i64],
    (today, seq): (Day, i64),
) -> Result<HashMap<(i64, i64), Known>> {
    let mut wanted: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let mut faults = Vec::new();
    for (wish, id) in list.iter().zip(ids) {
        match &wish.version {
            Some(version) if !(1..=seq).contains(&version.value) => {
                let message = format!("不是这个登记簿的版本（日志 1 至 {seq}）；请不要改这一列，或重新下载");
                faults.push(fault(&version.cell, version.value.to_string(), message));
            }
            Some(version) => wanted.entry(version.value).or_default().push(*id),
            None => {}
        }
    }
    if wanted.len() > MAX_VERSIONS {
        return Err(Error::invalid("版本", "", format!("来自 {} 次下载；最多 {MAX_VERSIONS} 次", wanted.len())));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let mut then = HashMap::new();
    for (version, ids) in wanted {
        let known = list_known_of(conn, today, version, &ids)?;
        then.extend(known.into_iter().map(|(id, known)| ((version, id), known)));
    }
    Ok(then)
}

/// What stands up to each row's day.
fn balances(
    conn: &mut AnyConnection,
    list: &[Wish],
    ids: &[i64],
    (today, seq): (Day, i64),
) -> Result<HashMap<(Day, i64), Sums>> {
    let mut wanted: BTreeMap<Day, Vec<i64>> = BTreeMap::new();
    for (wish, id) in list.iter().zip(ids) {
        let day = wish.up_to.as_ref().map_or(today, |said| said.value);
        wanted.entry(day).or_default().push(*id);
    }
    let mut all = HashMap::new();
    for (day, ids) in wanted {
        let sums = sums_of(conn, &ids, day, seq)?;
        all.extend(sums.into_iter().map(|(id, (sums, _))| ((day, id), sums)));
    }
    Ok(all)
}

/// A row being compared.
struct Reading<'a> {
    wish: &'a Wish,
    base: &'a Known,
    now: &'a Known,
    /// What stands up to the row's day.
    sums: &'a Sums,
    today: Day,
    changes: Vec<Change>,
    hints: Vec<Hint>,
    faults: Vec<Fault>,
}

/// What becomes of a cell.
enum Verdict {
    /// It says what stands, or what stood when it was downloaded.
    Keep,
    /// It says something new.
    Change,
    /// It says something new of what has moved since.
    Moved,
}

/// 1. What stands needs no record;
/// 2. what was downloaded and not touched gives way to what was recorded since;
/// 3. what was touched and has moved is for a person to decide.
fn judge<T: PartialEq>(wish: &T, base: Option<&T>, now: Option<&T>) -> Verdict {
    match () {
        () if now == Some(wish) || base == Some(wish) => Verdict::Keep,
        () if now == base => Verdict::Change,
        () => Verdict::Moved,
    }
}

/// Whether the amounts of a measure are those that stand; what has no entry says nothing, not zero.
fn says_amounts(known: &Known, at: usize, whole: Option<&Said<Fen>>, years: &[(Year, Said<Fen>)]) -> Result<bool> {
    let says = |said: &Said<Fen>, sum: Sum| sum.n > 0 && sum.fen == said.value.get();
    let of_year = |year: Year| known.sums.get(&(at, Some(year.get()))).copied().unwrap_or_default();
    let sum = total(&known.sums, at)?;
    Ok(whole.is_none_or(|said| says(said, sum)) && years.iter().all(|(year, said)| says(said, of_year(*year))))
}

impl Reading<'_> {
    fn read(&mut self) -> Result<()> {
        let registered = self.now.registered()?;
        self.nature(registered);
        self.stage(registered);
        self.nodes();
        self.approved(registered);
        self.money(registered.0)?;
        self.look()
    }

    fn wrong(&mut self, cell: &str, value: impl Into<String>, message: impl Into<String>) {
        self.faults.push(fault(cell, value, message));
    }

    fn hint(&mut self, cell: &str, text: impl Into<String>) {
        self.hints.push(Hint { cell: cell.into(), text: text.into(), is_grave: false });
    }

    fn moved(&mut self, cell: &str, value: impl Into<String>, now: &str) {
        let now = if now.is_empty() { "没有" } else { now };
        self.wrong(cell, value, format!("下载之后登记簿已改为「{now}」；请重新下载再填"));
    }

    fn change(&mut self, cell: &str, what: What, paper: Option<Paper>) {
        let own = self.wish.document.as_ref().map(|said| Paper::Own(said.value.clone(), None));
        let paper = paper.or(own).unwrap_or(Paper::Sheet);
        self.changes.push(Change { cell: cell.into(), what, paper });
    }

    /// A word of the registry, from a day on.
    fn word(&mut self, attribute: Attribute, said: &Said<&'static str>, from: Dated) {
        let value = |known: &Known| Some(known.state.value(attribute).to_owned()).filter(|value| !value.is_empty());
        let (base, now) = (value(self.base), value(self.now));
        match judge(&said.value.to_owned(), base.as_ref(), now.as_ref()) {
            Verdict::Keep => {}
            Verdict::Moved => {
                let words = if attribute == Attribute::Nature { &NATURES[..] } else { &STAGES[..] };
                let shown = |word: &str| {
                    words.iter().find(|(known, _)| *known == word).map_or(word.to_owned(), |(_, label)| (*label).into())
                };
                self.moved(&said.cell, shown(said.value), &shown(&now.unwrap_or_default()));
            }
            Verdict::Change => {
                let (before, after) = (now.unwrap_or_default(), said.value.to_owned());
                self.change(&said.cell, What::Fact { attribute, before, after, from }, None);
            }
        }
    }

    /// What a project's investment is of, it is from the start.
    fn nature(&mut self, registered: Dated) {
        if let Some(said) = self.wish.nature.clone() {
            self.word(Attribute::Nature, &said, registered);
        }
    }

    /// The stage holds from its own date, else from the day of the figures, else from today.
    fn stage(&mut self, (registered, _): Dated) {
        let Some(said) = self.wish.stage.clone() else { return };
        let own = self.wish.stage_from.as_ref().map(|said| (said.cell.clone(), said.value));
        let other = self.wish.up_to.as_ref().map(|said| (said.cell.clone(), (said.value, Precision::Day)));
        let (cell, from) = own.or(other).unwrap_or((said.cell.clone(), (self.today, Precision::Day)));
        if from.0 > self.today || from.0 < registered {
            let message = format!("阶段的起始日应在登记日 {registered} 与今天 {} 之间", self.today);
            return self.wrong(&cell, from.1.written(from.0), message);
        }
        self.word(Attribute::Stage, &said, from);
    }

    fn nodes(&mut self) {
        let said = [self.wish.started.clone(), self.wish.finished.clone()];
        if said.iter().all(Option::is_none) {
            return;
        }
        let known = self.now.works();
        let works = match (known, self.wish.works.clone()) {
            (Some(known), Some(said)) if known != said.value => {
                let message = format!("已有{}的节点，按「{}」登记", known.label(), known.label());
                return self.wrong(&said.cell, said.value.label(), message);
            }
            (Some(known), _) => known,
            (None, Some(said)) => said.value,
            (None, None) => {
                let cell = said.iter().flatten().next().map_or_else(String::new, |said| said.cell.clone());
                return self.wrong(&cell, "", "要写工程类型：工程（开工、竣工验收）或非工程（启动、验收）");
            }
        };
        let mut nodes = self.now.nodes.clone();
        for (code, said) in works.nodes().into_iter().zip(said) {
            let Some(said) = said else { continue };
            self.met(code, &said, &mut nodes);
        }
    }

    fn met(&mut self, code: &'static str, said: &Said<Dated>, nodes: &mut Vec<Node>) {
        let (day, precision) = said.value;
        let written = |dated: Option<Dated>| dated.map(|(day, precision)| precision.written(day));
        let (base, now) = (written(self.base.met(code)), written(self.now.met(code)));
        let wish = precision.written(day);
        match judge(&wish, base.as_ref(), now.as_ref()) {
            Verdict::Keep => return,
            Verdict::Moved => return self.moved(&said.cell, wish, &now.unwrap_or_default()),
            Verdict::Change => {}
        }
        if let Some(now) = now {
            let message = format!("已登记为 {now}；如有误，先在节点页重开，再记新的日期");
            return self.wrong(&said.cell, wish, message);
        }
        if precision.first_day_of(day) > self.today {
            let message = format!("晚于今天（{}）；没有发生的写在计划里", self.today);
            return self.wrong(&said.cell, wish, message);
        }
        let span = Span::of(precision.last_day_of(day).min(self.today), precision);
        let name = STANDARD.iter().find(|(known, ..)| *known == code).map_or(code, |(_, name, _)| name);
        let own = nodes.iter().position(|node| node.code == code).map(|at| nodes.remove(at));
        let mut node =
            own.unwrap_or(Node { code: code.into(), name: name.into(), planned: None, forecast: None, met: None });
        let told = Told { kind: FactKind::Met, span, reason: "" };
        if let Err(error) = order::check(&node, nodes, told) {
            let message = match error {
                Error::Invalid(faults) => faults.first().map_or_else(String::new, |fault| fault.message.clone()),
                other => other.to_string(),
            };
            return self.wrong(&said.cell, wish, message);
        }
        let state = &self.now.state;
        let stage = self.wish.stage.as_ref().map_or(state.value(Attribute::Stage), |said| said.value);
        let around = Surroundings {
            start_year: state.year(Attribute::StartYear),
            end_year: state.year(Attribute::EndYear),
            stage: stage.to_owned(),
        };
        for text in order::warnings(&node, nodes, told, &around, self.today) {
            self.hint(&said.cell, text);
        }
        node.met = Some(span);
        nodes.push(node);
        self.change(&said.cell, What::Met { milestone: code, on: said.value }, None);
    }

    /// 批复概算: the approving document and its date come with it; the plan's estimate stays.
    fn approved(&mut self, registered: Dated) {
        let Some(said) = self.wish.approved.clone() else { return };
        let by = self.wish.approved_by.as_ref().map(|said| said.value.clone());
        let is_other = |known: &Known| {
            known.approved != Some(said.value) || by.is_some() && known.approved_by.as_ref() != by.as_ref()
        };
        if !is_other(self.now) || !is_other(self.base) {
            return;
        }
        let shown = said.value.wan_exact();
        if self.now.approved != self.base.approved || self.now.approved_by != self.base.approved_by {
            let now = self.now.approved.map_or_else(String::new, Fen::wan_exact);
            return self.moved(&said.cell, shown, &now);
        }
        if said.value <= Fen::ZERO {
            return self.wrong(&said.cell, shown, "批复概算应大于 0；没有批复的空着");
        }
        let Some(by) = by else { return self.wrong(&said.cell, shown, "要写批复文号") };
        let from = match &self.wish.approved_on {
            Some(on) if on.value.0 > self.today => {
                let message = format!("晚于今天（{}）", self.today);
                return self.wrong(&on.cell, on.value.1.written(on.value.0), message);
            }
            Some(on) => on.value,
            None => return self.wrong(&said.cell, shown, "要写批复日期"),
        };
        // Before the project was registered nothing is said of it; the document keeps its own date.
        let holds = if from.0 < registered.0 { registered } else { from };
        let before = self.now.approved.map_or_else(String::new, |fen| fen.get().to_string());
        let what =
            What::Fact { attribute: Attribute::ApprovedCost, before, after: said.value.get().to_string(), from: holds };
        self.change(&said.cell, what, Some(Paper::Own(by, Some(from))));
    }

    fn money(&mut self, registered: Day) -> Result<()> {
        for measure in 0..MEASURES.len() {
            self.measure(measure, registered)?;
        }
        Ok(())
    }

    /// The amounts of a measure: those of single years, and what all years come to.
    fn measure(&mut self, at: usize, registered: Day) -> Result<()> {
        let whole = self.wish.totals.get(at).cloned().flatten();
        let years: Vec<(Year, Said<Fen>)> = self
            .wish
            .years
            .iter()
            .filter(|(own, ..)| *own == at)
            .map(|(_, year, said)| (*year, said.clone()))
            .collect();
        let Some(cell) = whole.as_ref().or(years.first().map(|(_, said)| said)).map(|said| said.cell.clone()) else {
            return Ok(());
        };
        let up_to = self.wish.up_to.as_ref().map(|said| said.value);
        let is_same = |known: &Known| says_amounts(known, at, whole.as_ref(), &years);
        let is_same_day = |known: &Known| up_to.is_none_or(|day| Some(day) == known.up_to);
        let is_untouched = is_same(self.base)?;
        if is_untouched && is_same_day(self.base) || is_same(self.now)? && is_same_day(self.now) {
            return Ok(());
        }
        let own = |sums: &Sums| -> Sums {
            sums.iter().filter(|((measure, _), _)| *measure == at).map(|(key, sum)| (*key, *sum)).collect()
        };
        if own(&self.base.sums) != own(&self.now.sums) && !is_untouched {
            let now = Fen::new(total(&self.now.sums, at)?.fen).wan_exact();
            let shown = whole.map_or_else(String::new, |said| said.value.wan_exact());
            self.moved(&cell, shown, &now);
            return Ok(());
        }
        let Some(day) = self.check_day(&cell, registered) else { return Ok(()) };
        self.openings(at, whole.as_ref(), &years, day)
    }

    /// The day that the figures are told up to.
    fn check_day(&mut self, cell: &str, registered: Day) -> Option<Day> {
        let Some(said) = self.wish.up_to.clone() else {
            self.wrong(cell, "", "要写累计截至哪一天");
            return None;
        };
        let day = said.value;
        let message = match () {
            () if day > self.today => format!("晚于今天（{}）", self.today),
            () if day < registered => {
                format!("早于登记日 {registered}；截至日写它以后的日子，以前各年的数写在年度列")
            }
            () if self.now.up_to.is_some_and(|last| day < last) => {
                let last = self.now.up_to.map_or_else(String::new, |last| last.to_string());
                format!("登记簿已有到 {last} 的数，截至日不能早于它；要更正以前的数，请冲正那一笔")
            }
            () => return Some(day),
        };
        if !self.faults.iter().any(|fault| fault.field == said.cell) {
            self.wrong(&said.cell, day.to_string(), message);
        }
        None
    }

    /// 1. A year's amount makes that year's balance what it says;
    /// 2. the whole makes the rest, without a year, what remains;
    /// 3. years do not come to more than the whole.
    fn openings(&mut self, at: usize, whole: Option<&Said<Fen>>, years: &[(Year, Said<Fen>)], on: Day) -> Result<()> {
        let Some(measure) = MEASURES.get(at).copied() else { return Ok(()) };
        let stands = |year: Option<i32>| self.sums.get(&(at, year)).copied().unwrap_or_default();
        let (mut of_years, mut found) = (Fen::ZERO, Vec::new());
        for ((_, year), sum) in self.sums.iter().filter(|((own, year), _)| *own == at && year.is_some()) {
            if !years.iter().any(|(said, _)| Some(said.get()) == *year) {
                of_years = of_years.checked_add(Fen::new(sum.fen))?;
            }
        }
        for (year, said) in years {
            of_years = of_years.checked_add(said.value)?;
            let before = stands(Some(year.get()));
            let amount = said.value.checked_sub(Fen::new(before.fen))?;
            if *year > on.year() {
                let message = format!("截至 {on}，还没有 {year} 年的数");
                self.wrong(&said.cell, said.value.wan_exact(), message);
            } else if said.value < Fen::ZERO {
                self.wrong(&said.cell, said.value.wan_exact(), "不能为负");
            } else if before.n == 0 || amount != Fen::ZERO {
                found.push((said.cell.clone(), Some(*year), before, amount));
            }
        }
        if let Some(said) = whole {
            let rest = said.value.checked_sub(of_years)?;
            let before = stands(None);
            let amount = rest.checked_sub(Fen::new(before.fen))?;
            let is_new = before.n == 0 && (rest != Fen::ZERO || years.is_empty() && of_years == Fen::ZERO);
            let nothing_yet = before.n == 0 && rest == Fen::ZERO && total(self.sums, at)?.n > 0;
            if rest < Fen::ZERO {
                let message = format!("各年之和 {} 万元超过累计", of_years.wan_exact());
                self.wrong(&said.cell, said.value.wan_exact(), message);
            } else if is_new && !nothing_yet || before.n > 0 && amount != Fen::ZERO {
                found.push((said.cell.clone(), None, before, amount));
            }
        }
        if let Some((cell, ..)) = found.iter().find(|(_, year, _, amount)| year.is_none() && *amount != Fen::ZERO) {
            let year = on.year();
            self.hint(&cell.clone(), format!("有未分年的数，不计入 {year} 年的累计；知道 {year} 年的请填在那一年"));
        }
        for (cell, year, before, amount) in found {
            self.change(&cell, What::Opening { measure, year, before, amount, on }, None);
        }
        Ok(())
    }

    /// What is odd about the row as it would stand.
    fn look(&mut self) -> Result<()> {
        let estimate = self.now.estimate.unwrap_or_default();
        let mut told: Vec<(String, Fen)> =
            self.wish.totals.iter().flatten().map(|s| (s.cell.clone(), s.value)).collect();
        told.extend(self.wish.years.iter().map(|(.., said)| (said.cell.clone(), said.value)));
        told.extend(self.wish.approved.iter().map(|said| (said.cell.clone(), said.value)));
        let changed: HashSet<String> = self.changes.iter().map(|change| change.cell.clone()).collect();
        for (cell, amount) in told.into_iter().filter(|(cell, _)| changed.contains(cell)) {
            if let Some(text) = suspect_unit(amount, estimate) {
                let text = format!("{} 万元{text}", amount.wan_words());
                self.hints.push(Hint { cell, text, is_grave: true });
            }
        }
        self.look_at_totals(estimate)?;
        self.look_at_stage();
        Ok(())
    }

    fn look_at_totals(&mut self, estimate: Fen) -> Result<()> {
        let mut after = [Fen::ZERO; 3];
        for (at, slot) in after.iter_mut().enumerate() {
            *slot = Fen::new(total(self.sums, at)?.fen);
        }
        for change in &self.changes {
            if let What::Opening { measure, amount, .. } = &change.what
                && let Some(slot) = MEASURES.iter().position(|own| own == measure).and_then(|at| after.get_mut(at))
            {
                *slot = slot.checked_add(*amount)?;
            }
        }
        let cell_of = |reading: &Self, at: usize| {
            let said = reading.wish.totals.get(at).and_then(Option::as_ref);
            said.map_or_else(|| reading.wish.code.cell.clone(), |said| said.cell.clone())
        };
        let [completed, received, paid] = after;
        let has_money = self.changes.iter().any(|change| matches!(change.what, What::Opening { .. }));
        if has_money && paid > received {
            let cell = cell_of(self, 2);
            self.hint(&cell, "支付大于到位：可能漏报到位，或有垫资；请核对");
        }
        let approved = self.wish.approved.as_ref().map(|said| said.value).or(self.now.approved);
        if has_money && completed > approved.unwrap_or(estimate) && estimate > Fen::ZERO {
            let cell = cell_of(self, 0);
            let of = if approved.is_some() { "批复概算" } else { "规划投资额" };
            self.hint(&cell, format!("完成投资大于{of}（超概）；请核对"));
        }
        let is_new = |change: &Change| matches!(change.what, What::Fact { attribute: Attribute::ApprovedCost, .. });
        if let Some(change) = self.changes.iter().find(|change| is_new(change)).cloned()
            && approved.is_some_and(|approved| exceeds_estimate(approved, estimate))
        {
            self.hint(&change.cell, "批复概算超过规划投资额 10% 以上");
        }
        Ok(())
    }

    fn look_at_stage(&mut self) {
        let stage = self.wish.stage.as_ref().map_or(self.now.state.value(Attribute::Stage), |said| said.value);
        let [_, ended] = self.now.begun_and_ended();
        let is_over = ["completion", "settlement", "operation"].contains(&stage);
        if let Some(said) = self.wish.stage.clone()
            && is_over
            && ended.is_none()
            && self.wish.finished.is_none()
        {
            self.hint(&said.cell, "阶段已是竣工以后，还没有竣工（验收）日期");
        }
        if let Some(said) = self.wish.finished.clone()
            && ended.is_none()
            && !is_over
            && stage != "construction"
        {
            self.hint(&said.cell, "已填竣工（验收）日期，阶段还没有改");
        }
    }
}
