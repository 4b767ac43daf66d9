//! 亮灯参数 (domain guide §4.2): what the office may set about lights. A month is judged by what was set by
//! its end: what is set later repaints nothing.

use super::{Allowed, Known};

/// Whose rules.
pub const PROFILE: &str = "light_profile";
/// Behind so many percentage points or more: yellow.
pub const BEHIND_YELLOW: &str = "light_behind_yellow";
/// Behind more than so many: red.
pub const BEHIND_RED: &str = "light_behind_red";
/// Whether what is behind by less is still green.
pub const TOLERANT: &str = "light_tolerant";
/// Months after which a start is yellow.
pub const START_YELLOW: &str = "light_start_yellow";
/// Months after which a start is red.
pub const START_RED: &str = "light_start_red";
/// Months after which a finish is yellow.
pub const FINISH_YELLOW: &str = "light_finish_yellow";
/// Months after which a finish is red.
pub const FINISH_RED: &str = "light_finish_red";
/// What payments are held against.
pub const PAY_MODE: &str = "light_pay_mode";
/// Payments behind so many percentage points or more: yellow.
pub const PAY_YELLOW: &str = "light_pay_yellow";
/// Payments behind more than so many: red.
pub const PAY_RED: &str = "light_pay_red";
/// What is to be paid by the end of each quarter.
pub const PAY_QUOTAS: [&str; 4] =
    ["light_pay_quota_q1", "light_pay_quota_q2", "light_pay_quota_q3", "light_pay_quota_q4"];
/// 到位率 below which there is a hint.
pub const FUND_MIN: &str = "light_fund_min";
/// What time is counted in.
pub const TIME_BASIS: &str = "light_time_basis";
/// Whether nothing completed in February or March is red.
pub const EARLY_FLOOR: &str = "light_early_floor";

const PROFILES: [(&str, &str); 4] = [
    ("YC2025", "YC2025 银川 2025"),
    ("WH2022", "WH2022 武汉 2022"),
    ("SY2022", "SY2022 三亚 2022"),
    ("TJ2022B", "TJ2022B 天津 2022 专项债"),
];
const SWITCH: [(&str, &str); 2] = [("on", "是"), ("off", "否")];

const fn number(
    name: &'static str,
    label: &'static str,
    default: &'static str,
    (to, unit): (i64, &'static str),
    why: &'static str,
) -> Known {
    Known { name, label, default, allowed: Allowed::Number { from: 1, to, unit, may_be_off: false }, why }
}

const fn optional(name: &'static str, label: &'static str, why: &'static str) -> Known {
    let allowed = Allowed::Number { from: 1, to: 100, unit: "%", may_be_off: true };
    Known { name, label, default: "off", allowed, why }
}

const POINTS: (i64, &str) = (100, "个百分点");
const MONTHS: (i64, &str) = (24, "个月");

/// Every one.
pub(super) const ALL: [Known; 18] = [
    Known {
        name: PROFILE,
        label: "亮灯方案",
        default: "YC2025",
        allowed: Allowed::Words(&PROFILES),
        why: "默认用银川 2025：有公布的进度、开工、支付阈值；改方案前先在「亮灯」页试算",
    },
    number(
        BEHIND_YELLOW,
        "亮灯：进度落后亮黄灯",
        "10",
        POINTS,
        "银川：低于序时 10 至 30 个百分点（含）亮黄灯；只用于 YC2025",
    ),
    number(
        BEHIND_RED,
        "亮灯：进度落后亮红灯",
        "30",
        POINTS,
        "银川：低于序时超过 30 个百分点亮红灯（不含 30）；只用于 YC2025",
    ),
    Known {
        name: TOLERANT,
        label: "亮灯：落后不足黄灯线仍亮绿灯",
        default: "on",
        allowed: Allowed::Words(&SWITCH),
        why: "银川没有说落后 0 至 10 个百分点亮什么灯：默认绿灯并写明落后多少，选“否”则落后即亮黄灯",
    },
    number(
        START_YELLOW,
        "亮灯：应开未开亮黄灯",
        "1",
        MONTHS,
        "银川：计划开工当月无正当理由未开工亮黄灯，当月算第 1 个月",
    ),
    number(START_RED, "亮灯：应开未开亮红灯", "3", MONTHS, "银川：连续 3 个月应开未开亮红灯"),
    number(FINISH_YELLOW, "亮灯：逾期未竣工亮黄灯", "1", MONTHS, "参照开工规则类推，不是公布的规则［设］"),
    number(FINISH_RED, "亮灯：逾期未竣工亮红灯", "3", MONTHS, "参照开工规则类推，不是公布的规则［设］"),
    Known {
        name: PAY_MODE,
        label: "亮灯：支付对照",
        default: "linear",
        allowed: Allowed::Words(&[("linear", "序时进度"), ("quota", "季度要求")]),
        why: "上级或财政下达了季度支付要求时改用季度要求，并在下面四项填百分比",
    },
    number(PAY_YELLOW, "亮灯：支付落后亮黄灯", "10", POINTS, "银川原文支付只有绿、红两级；黄灯线是我们的选择［设］"),
    number(PAY_RED, "亮灯：支付落后亮红灯", "30", POINTS, "银川原文支付只有绿、红两级；红灯线是我们的选择［设］"),
    optional(PAY_QUOTAS[0], "亮灯：一季度末支付要求", "占年度财政预算的百分比；没有下达则不设"),
    optional(PAY_QUOTAS[1], "亮灯：二季度末支付要求", "占年度财政预算的百分比；没有下达则不设"),
    optional(PAY_QUOTAS[2], "亮灯：三季度末支付要求", "占年度财政预算的百分比；没有下达则不设"),
    optional(PAY_QUOTAS[3], "亮灯：四季度末支付要求", "占年度财政预算的百分比；没有下达则不设"),
    optional(FUND_MIN, "亮灯：到位率下限", "低于它只提示，不进总灯；可参考 80%"),
    Known {
        name: TIME_BASIS,
        label: "亮灯：序时按",
        default: "month",
        allowed: Allowed::Words(&[("month", "月（m÷12）"), ("day", "日")]),
        why: "按月是通行算法：1–8 月为 66.7%",
    },
    Known {
        name: EARLY_FLOOR,
        label: "亮灯：2、3 月完成为 0 即亮红灯",
        default: "off",
        allowed: Allowed::Words(&SWITCH),
        why: "全年项目 1–3 月序时不超过 25%，按银川规则完成为 0 也不会亮红灯；要弥补这个盲区时打开［设］",
    },
];
