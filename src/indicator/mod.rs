//! 指标: the plan's 37 indicators with their 45 sub-indicators, as the plan states them.

pub mod store;

use crate::db::fact;

fact! {
    /// A sub-indicator, or an indicator without any.
    indicator Indicator {
        code: String,
        indicator_no: i32,
        sub_no: Option<i32>,
        /// 领域 of 表 1.
        domain: String,
        task: String,
        name: String,
        sub_name: String,
        display_name: String,
        unit: String,
        criterion: String,
        baseline_2022: String,
        target_2025: String,
        target_2035: String,
        /// 约束性 or 参考性.
        attribute: String,
        type_2025: String,
        op_2025: String,
        value_2025: String,
        type_2035: String,
        op_2035: String,
        value_2035: String,
        baseline_value: String,
        rule: String,
        line_id: i64,
    }
}
