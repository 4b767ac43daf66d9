//! 方案: the published rules as data. Where a paper leaves something open, our reading is a numbered remark;
//! what no paper says and we chose is marked 设.

use super::Light;
use super::gap::Gap;
use crate::error::{Error, Result};

/// A published set of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// 银川 2025, the default: percentage points behind schedule.
    YC2025,
    /// 武汉 2022: the index of progress.
    WH2022,
    /// 三亚 2022.
    SY2022,
    /// 天津 2022, for special bonds.
    TJ2022B,
}

/// What there is to know of a profile beside its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    /// The profile.
    pub profile: Profile,
    /// Its code.
    pub code: &'static str,
    /// Who published it, and when.
    pub source: &'static str,
    /// The version of our transcription; it changes when a number below does.
    pub version: i32,
    /// The year of the paper.
    pub dated: i32,
    /// Its rules in a sentence.
    pub says: &'static str,
    /// Our reading of what it leaves open, and what is our own choice.
    pub readings: &'static [&'static str],
}

/// Every profile, with its paper.
pub const PAPERS: [Paper; 4] = [
    Paper {
        profile: Profile::YC2025,
        code: "YC2025",
        source: "银川市发展改革委 2025",
        version: 1,
        dated: 2025,
        says: "达到序时进度亮绿灯，落后 10 至 30 个百分点（含）亮黄灯，落后超过 30 个百分点亮红灯；按计划开工亮绿灯，计划当月应开未开亮黄灯，连续 3 个月应开未开亮红灯",
        readings: &[
            "① 原文没有说落后 0 至 10 个百分点亮什么灯：默认仍亮绿灯并写明落后多少，可改为亮黄灯",
            "盲区：全年项目 1–3 月序时不超过 25%，完成为 0 也不会亮红灯；可选「2、3 月完成为 0 即亮红灯」弥补［设］",
            "竣工灯参照开工规则类推：过了竣工期限 1 个月未竣工亮黄灯，3 个月亮红灯［设］",
            "支付灯原文只有绿、红两级；黄 10、红 30 个百分点［设］",
        ],
    },
    Paper {
        profile: Profile::WH2022,
        code: "WH2022",
        source: "《武汉市重大项目管理办法》2022",
        version: 1,
        dated: 2022,
        says: "完成进度低于序时进度 80% 亮黄灯，低于 60% 亮红灯；没有开工、竣工、支付的规则",
        readings: &["④ 按进度指数 r 理解：r<0.6 红，0.6≤r<0.8 黄，r≥0.8 绿"],
    },
    Paper {
        profile: Profile::SY2022,
        code: "SY2022",
        source: "三亚市亮牌督办机制 2022",
        version: 1,
        dated: 2022,
        says: "达到计划投资额序时亮绿灯，低于序时 50% 以内（含）亮黄灯，以上亮红灯；没有开工、竣工、支付的规则",
        readings: &["② 「低于序时进度 50% 以内」按相对缺口理解：r≥0.5 黄，r<0.5 红"],
    },
    Paper {
        profile: Profile::TJ2022B,
        code: "TJ2022B",
        source: "天津市发展改革委 2022（专项债）",
        version: 1,
        dated: 2022,
        says: "自发行次月起 6 个月为使用时限，不低于预期亮绿灯，低 30% 及以下亮黄灯，低 30% 以上亮红灯；支付同此",
        readings: &[
            "③ 「低 30%」按相对缺口理解：r≥0.7 黄，r<0.7 红",
            "6 个月的使用时限用年度计划首末月表示：首月填发行次月，末月填其后第 5 个月［设］",
        ],
    },
];

impl Profile {
    /// Its paper.
    pub fn paper(self) -> &'static Paper {
        PAPERS.iter().find(|paper| paper.profile == self).unwrap_or(&PAPERS[0])
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        self.paper().code
    }

    /// The profile of a code.
    pub fn parse(code: &str) -> Result<Profile> {
        let allowed = || PAPERS.map(|paper| format!("{}（{}）", paper.code, paper.source)).join("、");
        PAPERS
            .iter()
            .find(|paper| paper.code == code)
            .map(|paper| paper.profile)
            .ok_or_else(|| Error::invalid("profile", code, format!("没有这个方案；可用 {}", allowed())))
    }
}

/// How what was done is held against what was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// By the difference, in percentage points behind.
    Points {
        /// Behind so many or more: yellow.
        yellow: i64,
        /// Behind more than so many: red.
        red: i64,
        /// Whether what is behind by less is still green.
        tolerant: bool,
    },
    /// By the index, in percent of what was due.
    Index {
        /// Below it: yellow.
        green: i64,
        /// Below it: red.
        red: i64,
    },
}

impl Schedule {
    /// The light of a gap, on values that are not rounded; none when nothing was due and the index has no value.
    pub fn light(self, gap: Gap) -> Option<Light> {
        match self {
            Schedule::Points { yellow, red, tolerant } => {
                let points = gap.points();
                Some(if points.cmp_whole(0).is_ge() {
                    Light::Green
                } else if points.cmp_whole(-red).is_lt() {
                    Light::Red
                } else if points.cmp_whole(-yellow).is_le() || !tolerant {
                    Light::Yellow
                } else {
                    Light::Green
                })
            }
            Schedule::Index { green, red } => gap.index().map(|index| {
                if index.cmp_whole(red).is_lt() {
                    Light::Red
                } else if index.cmp_whole(green).is_lt() {
                    Light::Yellow
                } else {
                    Light::Green
                }
            }),
        }
    }
}

impl Schedule {
    /// Its thresholds in percentage points, near which more decimals are shown; none where it has no such.
    pub fn points(self) -> Vec<i64> {
        match self {
            Schedule::Points { yellow, red, .. } => vec![yellow, red],
            Schedule::Index { .. } => Vec::new(),
        }
    }
}

/// After how many months late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Late {
    /// Yellow.
    pub yellow: i32,
    /// Red.
    pub red: i32,
}

impl Late {
    /// The light of so many months late; none when it is not late enough.
    pub fn light(self, months: i32) -> Option<Light> {
        if months >= self.red {
            Some(Light::Red)
        } else if months >= self.yellow {
            Some(Light::Yellow)
        } else {
            None
        }
    }
}

/// What payments are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pay {
    /// The thresholds.
    pub schedule: Schedule,
    /// Whether the quarter's quota stands in for the time gone by.
    pub by_quota: bool,
    /// What was asked for by the end of each quarter, in percent of the year's budget; none: not laid down.
    pub quota: [Option<i64>; 4],
}

/// What time is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// m ÷ 12.
    Month,
    /// Days of the plan gone by.
    Day,
}

/// A profile with every parameter: what a light is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params {
    /// Whose rules.
    pub profile: Profile,
    /// 进度.
    pub schedule: Schedule,
    /// 开工; none: the profile has no such rule.
    pub start: Option<Late>,
    /// 竣工.
    pub finish: Option<Late>,
    /// 支付.
    pub pay: Option<Pay>,
    /// 到位率 below which there is a hint, in percent.
    pub fund_min: Option<i64>,
    /// What time is counted in.
    pub basis: Basis,
    /// Whether nothing completed in February or March is red.
    pub early_floor: bool,
}

impl Params {
    /// The thresholds of payments in percentage points.
    pub fn pay_points(&self) -> Vec<i64> {
        self.pay.map_or_else(Vec::new, |pay| pay.schedule.points())
    }

    /// A profile as it was published, with our choices where it says nothing.
    pub fn published(profile: Profile) -> Params {
        let late = Some(Late { yellow: 1, red: 3 });
        let bare = Params {
            profile,
            schedule: Schedule::Points { yellow: 10, red: 30, tolerant: true },
            start: None,
            finish: None,
            pay: None,
            fund_min: None,
            basis: Basis::Month,
            early_floor: false,
        };
        let pay = |schedule| Some(Pay { schedule, by_quota: false, quota: [None; 4] });
        match profile {
            Profile::YC2025 => Params { start: late, finish: late, pay: pay(bare.schedule), ..bare },
            Profile::WH2022 => Params { schedule: Schedule::Index { green: 80, red: 60 }, ..bare },
            Profile::SY2022 => Params { schedule: Schedule::Index { green: 100, red: 50 }, ..bare },
            Profile::TJ2022B => {
                let schedule = Schedule::Index { green: 100, red: 70 };
                Params { schedule, pay: pay(schedule), ..bare }
            }
        }
    }
}
