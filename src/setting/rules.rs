//! 资金规则: which facts of money are refused at a form, which are only pointed out, which are left alone. What is
//! locked and what does not balance is refused always. Imports of what has happened take it and say so.

use super::{Allowed, Known};

/// Paid more than received, per source, over all years.
pub const PAID_OVER_RECEIVED: &str = "rule_paid_over_received";
/// Paid more fiscal money than the year's budget.
pub const PAID_OVER_BUDGET: &str = "rule_paid_over_budget";
/// Received more than the year's plan.
pub const RECEIVED_OVER_PLAN: &str = "rule_received_over_plan";
/// Completed more than the year's plan: 超计划.
pub const COMPLETED_OVER_PLAN: &str = "rule_completed_over_plan";
/// Completed more in all than what was approved: 超概.
pub const COMPLETED_OVER_COST: &str = "rule_completed_over_cost";
/// Dated before the project's time, without a reason.
pub const BEFORE_PROJECT: &str = "rule_before_project";
/// A month that comes to less than nothing, without a reason.
pub const NEGATIVE_MONTH: &str = "rule_negative_month";
/// Taken out of a year and source more than there is.
pub const OVERDRAWN: &str = "rule_overdrawn";
/// The same amount of the same day by the same document.
pub const REPEATED: &str = "rule_repeated";
/// Sources paid by 国库集中支付: money reaches the project as it is paid.
pub const PAIRED_SOURCES: &str = "paired_sources";

/// What becomes of an entry that breaks a rule.
pub const DEEDS: [(&str, &str); 3] = [("block", "不让记入"), ("warn", "提示，可以记入"), ("ignore", "不管")];

const fn rule(name: &'static str, label: &'static str, default: &'static str, why: &'static str) -> Known {
    Known { name, label, default, allowed: Allowed::Words(&DEEDS), why }
}

/// Every setting of this part.
pub const ALL: [Known; 10] = [
    rule(
        PAID_OVER_RECEIVED,
        "支付超过到位",
        "block",
        "逐个资金来源看各年累计：没有到位就支付，是漏报到位或垫资，垫资为《政府投资条例》所不许",
    ),
    rule(PAID_OVER_BUDGET, "支付超过年度财政预算", "warn", "预算可能已经调整而文件还没有登记，先提示"),
    rule(RECEIVED_OVER_PLAN, "到位超过年度计划", "warn", "可能是提前下达，也可能填错来源，先提示"),
    rule(COMPLETED_OVER_PLAN, "完成超过年度计划", "warn", "超计划照记，提示核对"),
    rule(COMPLETED_OVER_COST, "累计完成超过批复概算", "block", "超概要先报批调整；没有批复概算的按规划投资额看"),
    rule(
        BEFORE_PROJECT,
        "日期早于项目建设年限且没有原因",
        "block",
        "起始年以前的投资多半填错了日期或项目；确有其事的写明原因就可以记",
    ),
    rule(NEGATIVE_MONTH, "一个月合计为负且没有原因", "block", "冲减、退款要写明原因"),
    rule(OVERDRAWN, "调出多于现有", "block", "一个项目一年一个来源的数不能调成负数"),
    rule(REPEATED, "同一文件、同一天、同一金额", "warn", "多半是重复记入；确实有两笔的照记"),
    Known {
        name: PAIRED_SOURCES,
        label: "国库集中支付的资金来源",
        default: "D1、D2",
        allowed: Allowed::Codes,
        why: "国库集中支付的钱不经项目单位的账户，支付时才算到位：记支付时默认同时记等额到位；写 off 则都不配",
    },
];
