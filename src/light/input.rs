//! What a light is judged from: one project's facts at a cut-off, for one report month.

use super::gap::Tau;
use super::months_between;
use super::rule::{Basis, Params};
use crate::error::{Error, Result};
use crate::money::Fen;
use crate::period::{Day, Month, Precision, Year};

/// 阶段, as far as lights look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// 未填.
    Unfilled,
    /// 储备.
    Reserve,
    /// 前期.
    Preparation,
    /// 在建.
    Construction,
    /// 竣工, 决算, 运营.
    Finished,
    /// 暂停.
    Suspended,
    /// 取消.
    Cancelled,
}

impl Stage {
    /// The stage of the registry's word.
    pub fn parse(word: &str) -> Result<Stage> {
        Ok(match word {
            "" => Stage::Unfilled,
            "reserve" => Stage::Reserve,
            "preparation" => Stage::Preparation,
            "construction" => Stage::Construction,
            "completion" | "settlement" | "operation" => Stage::Finished,
            "suspended" => Stage::Suspended,
            "cancelled" => Stage::Cancelled,
            other => return Err(Error::internal("阶段无效", other.to_owned())),
        })
    }
}

/// How a project stands with its monthly report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// Before 报送启用月, or none is set.
    NotEnabled,
    /// Nothing is asked for this month.
    NotDue,
    /// Due, and not late yet.
    Due,
    /// Filed, in time or not.
    Filed,
    /// Late: 未报送.
    Missing,
}

/// A planned month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// The month.
    pub month: Month,
    /// Whether only the year is known: its December stands for it, 按年份推定.
    pub by_year: bool,
    /// Whether a milestone says it; else the plan's years do.
    pub by_milestone: bool,
}

impl Planned {
    /// From a milestone's planned day, the last that it can be.
    pub fn on(day: Day, precision: Precision) -> Planned {
        Planned { month: day.month(), by_year: precision == Precision::Year, by_milestone: true }
    }

    /// From a year of the plan: its December.
    pub fn in_year(year: i32) -> Option<Planned> {
        let year = Year::parse(&year.to_string()).ok()?;
        Some(Planned { month: year.last_day().month(), by_year: true, by_milestone: false })
    }
}

/// A start or a finish.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Node {
    /// When it is planned, as last approved.
    pub planned: Option<Planned>,
    /// What the plan's own years say.
    pub first: Option<Planned>,
    /// When it is now expected.
    pub forecast: Option<(Day, Precision)>,
    /// When it was met.
    pub met: Option<(Day, Precision)>,
}

impl Node {
    /// The months by which the plan in force lies after the plan's own years.
    pub fn put_off(&self) -> i32 {
        match (self.first, self.planned) {
            (Some(first), Some(planned)) => months_between(first.month, planned.month).max(0),
            _ => 0,
        }
    }
}

/// A late start with leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exempt {
    /// Who gave it.
    pub approver: String,
    /// Why.
    pub reason: String,
    /// From when it holds.
    pub from: Day,
    /// The last day it holds.
    pub until: Day,
    /// The document it rests on.
    pub document_id: i64,
}

/// 投资性质 as far as payments are judged by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// 政府 or 混合: paid from the budget.
    Fiscal,
    /// 企业: never judged by fiscal rates.
    Enterprise,
    /// 待确认.
    Unknown,
}

impl Nature {
    /// The nature of the registry's word.
    pub fn parse(word: &str) -> Nature {
        match word {
            "government" | "mixed" => Nature::Fiscal,
            "enterprise" => Nature::Enterprise,
            _ => Nature::Unknown,
        }
    }
}

/// Between which months of the year the annual plan runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The first month.
    pub first: Month,
    /// The last month.
    pub last: Month,
    /// Ten-thousandths of the plan due by the end of each month, from first to last; empty: straight.
    pub curve: Vec<i64>,
    /// The fact that says so; none: the whole year, straight.
    pub document_id: Option<i64>,
}

impl Run {
    /// January to December, straight.
    pub fn of_year(month: Month) -> Run {
        let year = month.raw() / 100 * 100;
        let at = |raw: i32| Month::from_raw(raw).unwrap_or(month);
        Run { first: at(year + 1), last: at(year + 12), curve: Vec::new(), document_id: None }
    }

    /// τ by the end of a month, or by a day of it where time is counted in days:
    /// 1. before the first month nothing is due, from the last month on all of it;
    /// 2. with a curve, what it says;
    /// 3. else (m−s+1) ÷ (e−s+1), which for a whole year is m ÷ 12.
    pub fn due(&self, month: Month, day: Day, basis: Basis) -> Tau {
        if month < self.first {
            return Tau::new(0, 1);
        }
        let gone = months_between(self.first, month) + 1;
        if let Some(due) = usize::try_from(gone - 1).ok().and_then(|at| self.curve.get(at)) {
            return Tau::new(*due, 10_000);
        }
        if basis == Basis::Day {
            let (from, to) = (self.first.first_day().to_naive(), self.last.last_day().to_naive());
            let (gone, all) = ((day.to_naive() - from).num_days() + 1, (to - from).num_days() + 1);
            return Tau::new(gone.clamp(0, all), all);
        }
        let all = months_between(self.first, self.last) + 1;
        Tau::new(gone.min(all).into(), all.into())
    }
}

/// What was moved in the year: sums with no record kept apart from zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// 年度计划投资 P.
    pub plan: Option<Fen>,
    /// The plan as it was before it changed within the month; none: it did not.
    pub plan_to_come: Option<Fen>,
    /// What was first issued of it, where that is known.
    pub plan_original: Option<Fen>,
    /// 完成投资, this year C.
    pub completed: Option<Fen>,
    /// 年度财政预算 B.
    pub budget: Option<Fen>,
    /// 到位资金, this year F.
    pub received: Option<Fen>,
    /// 支付资金 from fiscal sources, this year X.
    pub paid_fiscal: Option<Fen>,
    /// Of all years: the estimate or what it was adjusted to.
    pub investment: Option<Fen>,
    /// Of all years.
    pub completed_all: Option<Fen>,
    /// Of all years.
    pub received_all: Option<Fen>,
    /// Of all years.
    pub paid_all: Option<Fen>,
}

/// Everything a light is judged from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// The report month.
    pub month: Month,
    /// The last day of which anything counts.
    pub cutoff: Day,
    /// 阶段.
    pub stage: Stage,
    /// 投资性质.
    pub nature: Nature,
    /// 报送启用月.
    pub enabled: Option<Month>,
    /// The month's report.
    pub report: Report,
    /// The money.
    pub moved: Moved,
    /// The months of the annual plan.
    pub run: Run,
    /// 开工 or 启动.
    pub start: Node,
    /// 竣工验收 or 验收.
    pub finish: Node,
    /// 投用/开放, which is no 竣工验收.
    pub opened: Option<Day>,
    /// A late start with leave.
    pub exempt: Option<Exempt>,
}

impl Inputs {
    /// A project of which nothing is known but its report month.
    pub fn blank(month: Month) -> Inputs {
        Inputs {
            month,
            cutoff: month.last_day(),
            stage: Stage::Unfilled,
            nature: Nature::Unknown,
            enabled: None,
            report: Report::NotEnabled,
            moved: Moved::default(),
            run: Run::of_year(month),
            start: Node::default(),
            finish: Node::default(),
            opened: None,
            exempt: None,
        }
    }

    /// τ of the annual plan.
    pub fn due(&self, params: &Params) -> Tau {
        self.run.due(self.month, self.cutoff, params.basis)
    }

    /// Whether lights shine at all.
    pub fn is_enabled(&self) -> bool {
        self.enabled.is_some_and(|from| from <= self.month)
    }

    /// The exemption, where it holds at the cut-off.
    pub fn exempted(&self) -> Option<&Exempt> {
        self.exempt.as_ref().filter(|exempt| exempt.from <= self.cutoff && self.cutoff <= exempt.until)
    }
}

/// Reads a curve as it is stored: `2500,5000,10000`.
pub fn parse_curve(text: &str) -> Result<Vec<i64>> {
    let numbers = text.split(',').filter(|part| !part.is_empty()).map(str::parse);
    numbers.collect::<std::result::Result<_, _>>().map_err(|_| Error::internal("月度计划曲线无效", text.to_owned()))
}
