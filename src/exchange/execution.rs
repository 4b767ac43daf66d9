//! Budget execution as rows of a file.

use super::export::Names;
use super::table::{Table, Value};
use crate::execution::{Executed, Standing};
use crate::light::gap::Exact;
use crate::light::read::{Judged, View};
use crate::period::Month;
use crate::project::{Attribute, ProjectState};

/// An empty table of execution by project.
pub fn table() -> Table {
    Table::new(&[
        ("project", "项目"),
        ("project_name", "工程名称"),
        ("category", "体系"),
        ("lead_department_name", "责任部门"),
        ("nature", "投资性质"),
        ("month", "截至月份"),
        ("budget", "年度财政预算"),
        ("received", "到位资金"),
        ("paid_fiscal", "支付（财政资金）"),
        ("execution_percent", "预算执行率（%）"),
        ("due_percent", "序时进度（%）"),
        ("points", "序时差（百分点）"),
        ("light", "支付灯"),
        ("explanation", "说明"),
    ])
}

/// One project as a row of [`table`].
pub fn row(
    month: Month,
    view: &View,
    names: &Names,
    (state, judged): (&ProjectState, &Judged),
    standing: Standing,
) -> Vec<Value> {
    let of = Executed::of(&judged.inputs.moved);
    let due = judged.inputs.due(&view.params);
    let gap = of.gap(due);
    let exact = |exact: Option<Exact>| exact.map_or(Value::Null, |exact| Value::Text(exact.plain()));
    let money = |amount: Option<crate::money::Fen>| amount.map_or(Value::Null, Value::Money);
    vec![
        Value::from(state.project.code.as_str()),
        Value::from(state.value(Attribute::Name)),
        Value::from(state.value(Attribute::Category)),
        Value::from(names.department(state.value(Attribute::LeadDepartment))),
        Value::from(state.value(Attribute::Nature)),
        Value::Text(month.to_string()),
        money(of.budget),
        money(of.received),
        money(of.paid),
        exact(gap.map(|gap| gap.rate())),
        exact(Some(due.percent())),
        exact(gap.map(|gap| gap.points())),
        match standing {
            Standing::Judged(light, _) => Value::from(light.word()),
            _ => Value::from(""),
        },
        Value::Text(standing.words(&view.params.pay_points())),
    ]
}
