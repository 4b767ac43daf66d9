//! `taizhang rollup` and `taizhang export`.

use std::fs::File;
use std::io::{BufWriter, Write};

use super::args::{Export, Rollup, Shared, When};
use super::{open, print};
use crate::clock::Clock;
use crate::db::{AnyConnection, Db};
use crate::document::store as documents;
use crate::error::{Error, Result};
use crate::exchange::export::{self, Moment};
use crate::exchange::{Format, Writer, hledger, milestones, rollup as out};
use crate::journal::{chain, store};
use crate::ledger::store::Wanted;
use crate::money::Unit;
use crate::period::{Day, Precision, Year};
use crate::rollup::{self, Deadline, Dimension, Filter, NONE, Scope};

pub(super) fn rollup(shared: &Shared, options: &Rollup) -> Result<()> {
    let format = Format::parse(&shared.format)?;
    let unit = Unit::parse(&options.unit)?;
    let by = options.by.iter().map(|word| Dimension::parse(word)).collect::<Result<Vec<_>>>()?;
    let filter = filter(options)?;
    let db = open(shared)?;
    // Some questions are answered from the entries one by one.
    super::progress()("正在汇总…");
    let text = db.read(|conn| {
        let moment = moment(conn, db.clock(), &options.when)?;
        filter.check(conn, moment.as_of, moment.known.seq)?;
        let scope = Scope { as_of: moment.as_of, known: moment.known, by, filter };
        say_if_before(conn, scope.as_of)?;
        let rollup = rollup::rollup(conn, &scope, &Deadline::none())?;
        match format {
            Format::Json => serde_json::to_string_pretty(&out::to_json(&scope, &rollup))
                .map(|text| text + "\n")
                .map_err(|error| Error::internal("生成 JSON 失败", error.to_string())),
            Format::Csv => out::to_table(&scope, &rollup).to_csv(),
            Format::Table => Ok(format!(
                "{}金额单位：{}。截至 {}，按 {} 时的记录（日志 {}）。\n",
                out::to_table(&scope, &rollup).to_text(unit),
                unit.label(),
                scope.as_of,
                scope.known.at.rfc3339(),
                scope.known.seq
            )),
        }
    })?;
    print(&text);
    Ok(())
}

/// 「规划…印制，此前无数据」 for a date before everything: what is unknown is not zero.
fn say_if_before(conn: &mut AnyConnection, as_of: Day) -> Result<()> {
    if let Some(first) = documents::list(conn, i64::MAX)?.into_iter().next()
        && let Some(day) = first.dated_on.map(Day::from_raw).transpose()?
        && as_of < day
    {
        let dated = Precision::parse(&first.precision)?.render(day);
        eprintln!("注意：{}的日期是{dated}，截至 {as_of} 没有任何数据（下面的 0 和空白不是金额）", first.title);
    }
    Ok(())
}

fn filter(options: &Rollup) -> Result<Filter> {
    let year = |flag: &str, word: &str| Year::parse(word).map(Year::get).map_err(|error| error.of(flag));
    let years = |flag: &str, words: &[String]| words.iter().map(|word| year(flag, word)).collect::<Result<Vec<_>>>();
    Ok(Filter {
        category: options.category.clone(),
        department: options.department.clone(),
        nature: options.nature.clone(),
        stage: options.stage.clone(),
        start_year: years("start-year", &options.start_year)?,
        end_year: years("end-year", &options.end_year)?,
        active_in: options.active_in.as_deref().map(|word| year("active-in", word)).transpose()?,
        q: options.q.clone(),
        year: options
            .year
            .iter()
            .map(|word| if word == NONE { Ok(None) } else { year("year", word).map(Some) })
            .collect::<Result<Vec<_>>>()?,
        source: options.source.clone(),
        ..Filter::default()
    })
}

/// The day and the head that the flags name.
fn moment(conn: &mut AnyConnection, clock: &Clock, when: &When) -> Result<Moment> {
    let today = clock.today();
    let as_of = when.as_of.as_deref().map(Day::parse).transpose().map_err(|error| error.of("as-of"))?.unwrap_or(today);
    if as_of > today {
        return Err(Error::invalid("as-of", as_of.to_string(), format!("晚于今天（{today}）；只能看今天及以前")));
    }
    let latest = crate::db::Head::find(conn)?;
    Ok(Moment { as_of, known: store::resolve_known_at(conn, when.known_at.as_deref(), clock.now(), &latest)? })
}

pub(super) fn export(shared: &Shared, options: &Export) -> Result<()> {
    let db = open(shared)?;
    match options.what.as_str() {
        "journal" => journal(&db, options).inspect(|()| super::progress_done()),
        "hledger" => text_ledger(&db, options).inspect(|()| super::progress_done()),
        "entries" if options.output.is_some() && is_csv(shared)? => {
            entries(&db, options).inspect(|()| super::progress_done())
        }
        "projects" | "entries" | "milestones" | "slips" | "clues" => {
            let format = match Format::parse(&shared.format)? {
                Format::Table if options.output.is_some() => Format::Csv,
                format => format,
            };
            let table = db.read(|conn| {
                let moment = moment(conn, db.clock(), &options.when)?;
                match options.what.as_str() {
                    "projects" => export::projects(conn, &moment, &Filter::default(), &Deadline::none()),
                    "entries" => export::entries(conn, &moment, &Wanted::default()),
                    "slips" => milestones::slips(conn, &moment),
                    "clues" => milestones::clues(conn, moment.known.seq),
                    _ => export::milestones(conn, &moment),
                }
            })?;
            let text = table.render(format, Unit::Wan)?;
            let mut out = output(options)?;
            out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| cannot_write(options, &error))
        }
        "backlog" => {
            let bytes = super::backlog::bytes(&db, options)?;
            let mut out = output(options)?;
            out.write_all(&bytes).and_then(|()| out.flush()).map_err(|error| cannot_write(options, &error))
        }
        other => {
            let known = "可用 projects、entries、hledger、milestones、slips、clues、journal、backlog";
            Err(Error::invalid("export", other, known))
        }
    }
}

/// Rows a chunk.
const CHUNK: i64 = 5_000;

fn journal(db: &Db, options: &Export) -> Result<()> {
    let mut out = output(options)?;
    db.read(|conn| {
        let last = moment(conn, db.clock(), &options.when)?.known.seq;
        let (mut after, mut told) = (0, told());
        loop {
            let rows = store::list_after(conn, after, CHUNK)?;
            let Some(end) = rows.last().map(|row| row.seq) else { break };
            told(rows.len());
            for row in rows.iter().filter(|row| row.seq <= last) {
                writeln!(out, "{}", chain::to_line(row)).map_err(|error| cannot_write(options, &error))?;
            }
            after = end;
        }
        out.flush().map_err(|error| cannot_write(options, &error))
    })
}

/// Whether a file is CSV: unless another form is asked for.
fn is_csv(shared: &Shared) -> Result<bool> {
    Ok(matches!(Format::parse(&shared.format)?, Format::Table | Format::Csv))
}

/// Entries into a file, some at a time.
fn entries(db: &Db, options: &Export) -> Result<()> {
    let mut out = output(options)?;
    db.read(|conn| {
        let moment = moment(conn, db.clock(), &options.when)?;
        let mut writer = Writer::csv(&export::entries_head())?;
        let mut told = told();
        export::each_entries(conn, &moment, &Wanted::default(), |names, codes, entries| {
            told(entries.len());
            writer.add(&export::entries_table(names, codes, entries)?)?;
            out.write_all(&writer.take()).map_err(|error| cannot_write(options, &error))
        })?;
        out.write_all(&writer.finish()).and_then(|()| out.flush()).map_err(|error| cannot_write(options, &error))
    })
}

/// Says how many rows are written, on a terminal.
fn told() -> impl FnMut(usize) {
    let (mut say, mut rows) = (super::progress(), 0);
    move |more| {
        rows += more;
        say(&format!("已写 {rows} 行"));
    }
}

/// The same as a plain-text ledger.
fn text_ledger(db: &Db, options: &Export) -> Result<()> {
    let mut out = output(options)?;
    db.read(|conn| {
        let moment = moment(conn, db.clock(), &options.when)?;
        let mut write = |text: String| out.write_all(text.as_bytes()).map_err(|error| cannot_write(options, &error));
        write(hledger::head(&moment))?;
        let mut told = told();
        export::each_entries(conn, &moment, &Wanted::default(), |names, codes, entries| {
            told(entries.len());
            write(hledger::transactions(names, codes, entries)?)
        })?;
        out.flush().map_err(|error| cannot_write(options, &error))
    })
}

fn output(options: &Export) -> Result<Box<dyn Write>> {
    match &options.output {
        None => Ok(Box::new(std::io::stdout())),
        Some(path) => {
            let file = File::create(path).map_err(|error| cannot_write(options, &error))?;
            Ok(Box::new(BufWriter::new(file)))
        }
    }
}

fn cannot_write(options: &Export, error: &std::io::Error) -> Error {
    let path = options.output.as_ref().map_or_else(|| "标准输出".into(), |path| path.display().to_string());
    Error::Unavailable(format!("写不进 {path}：{error}。请检查目录、权限和磁盘空间"))
}
