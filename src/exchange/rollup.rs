//! A rollup on its way out: as a table, and as the API states it.

use serde_json::{Map, Value as Json, json};

use super::{Column, Table, Value};
use crate::db::Head;
use crate::measure::Measure;
use crate::money::Fen;
use crate::rollup::{Figures, NONE, Rollup, Scope, Sum};

/// One row a group and a last row for the total.
pub fn to_table(scope: &Scope, rollup: &Rollup) -> Table {
    let mut columns: Vec<Column> = scope
        .by
        .iter()
        .flat_map(|by| {
            [
                Column { key: by.word().into(), label: format!("{}代码", by.label()) },
                Column { key: format!("{}_name", by.word()), label: by.label().into() },
            ]
        })
        .collect();
    columns.push(Column { key: "projects".into(), label: "项目数".into() });
    columns.extend(Measure::ALL.map(|measure| Column { key: measure.key().into(), label: measure.label().into() }));
    for (key, label) in [("planned", "有计划节点"), ("due", "到期节点"), ("met", "完成节点"), ("late", "到期未完成")]
    {
        columns.push(Column { key: format!("milestones_{key}"), label: label.into() });
    }
    let mut rows: Vec<Vec<Value>> = rollup
        .rows
        .iter()
        .map(|row| {
            let keys = row.keys.iter().zip(&row.labels);
            keys.flat_map(|(key, label)| [Value::Text(key.clone()), Value::Text(label.clone())])
                .chain(figures(&row.figures))
                .collect()
        })
        .collect();
    let total = scope.by.iter().flat_map(|_| [Value::Text("total".into()), Value::Text("合计".into())]);
    rows.push(total.chain(figures(&rollup.total)).collect());
    Table { columns, rows }
}

fn figures(figures: &Figures) -> Vec<Value> {
    let mut cells = vec![Value::from(figures.projects)];
    cells.extend(figures.sums.iter().map(|sum| Value::from(*sum)));
    let counts = figures.milestones.map(|m| [m.planned, m.due, m.met, m.late]);
    cells.extend((0..4).map(|at| Value::from(counts.and_then(|counts| counts.get(at).copied()))));
    cells
}

/// The answer of `GET /api/v1/rollup`.
pub fn to_json(scope: &Scope, rollup: &Rollup) -> Json {
    let rows: Vec<Json> = rollup
        .rows
        .iter()
        .map(|row| {
            let mut object = Map::new();
            if let ([key], [label]) = (row.keys.as_slice(), row.labels.as_slice()) {
                object.insert("key".into(), json_key(key));
                object.insert("label".into(), json!(label));
            } else {
                object.insert("keys".into(), row.keys.iter().map(|key| json_key(key)).collect());
                object.insert("labels".into(), json!(row.labels));
            }
            object.extend(figures_json(&row.figures));
            Json::Object(object)
        })
        .collect();
    json!({
        "scope": scope_json(scope),
        "head": head_json(&scope.known),
        "rows": rows,
        "total": figures_json(&rollup.total),
    })
}

/// What a scope resolved to: enough to ask again and get the same bytes.
pub fn scope_json(scope: &Scope) -> Json {
    let filter = &scope.filter;
    let mut object = Map::new();
    object.insert("by".into(), scope.by.iter().map(|by| json!(by.word())).collect());
    object.insert("as_of".into(), json!(scope.as_of.to_string()));
    object.insert("known_at".into(), json!(scope.known.at.rfc3339()));
    let lists = [
        ("category", &filter.category),
        ("department", &filter.department),
        ("nature", &filter.nature),
        ("stage", &filter.stage),
        ("source", &filter.source),
    ];
    for (key, wanted) in lists {
        if !wanted.is_empty() {
            object.insert(key.into(), json!(wanted));
        }
    }
    for (key, wanted) in [("start_year", &filter.start_year), ("end_year", &filter.end_year)] {
        if !wanted.is_empty() {
            object.insert(key.into(), json!(wanted));
        }
    }
    if !filter.year.is_empty() {
        object.insert(
            "year".into(),
            filter.year.iter().map(|year| year.map_or(json!(NONE), |year| json!(year))).collect(),
        );
    }
    if let Some(year) = filter.active_in {
        object.insert("active_in".into(), json!(year));
    }
    if let Some(words) = &filter.q {
        object.insert("q".into(), json!(words));
    }
    Json::Object(object)
}

/// The head an answer saw.
pub fn head_json(head: &Head) -> Json {
    json!({"seq": head.seq, "hash": head.hash, "at": head.at.rfc3339()})
}

/// A bucket's key is null.
fn json_key(key: &str) -> Json {
    if key == NONE { Json::Null } else { json!(key) }
}

/// Projects, amounts in yuan, entry counts, milestones.
pub fn figures_json(figures: &Figures) -> Map<String, Json> {
    let mut object = Map::new();
    object.insert("projects".into(), json!(figures.projects));
    object.insert("amounts".into(), amounts_json(&figures.sums));
    let entries = Measure::ALL.iter().zip(figures.sums).map(|(measure, sum)| (measure.key().to_owned(), json!(sum.n)));
    object.insert("entries".into(), Json::Object(entries.collect()));
    object.insert("milestones".into(), json!(figures.milestones));
    object
}

/// Yuan with two decimals; null where there is no entry.
pub fn amounts_json(sums: &[Sum; 6]) -> Json {
    let amounts = Measure::ALL.iter().zip(sums).map(|(measure, sum)| {
        let amount = if sum.n == 0 { Json::Null } else { json!(Fen::new(sum.fen).yuan()) };
        (measure.key().to_owned(), amount)
    });
    Json::Object(amounts.collect())
}
