//! `taizhang serve`: the first start loads the plan, then pages are served.

use super::args::{self, Shared};
use super::print;
use crate::auth::Actor;
use crate::clock::{Clock, Instant};
use crate::config::{self, Operator};
use crate::db::{Db, Head};
use crate::error::{Error, Result};
use crate::period::Day;
use crate::seed::{self, load};
use crate::subtotal::{VERSION, store};
use crate::web;

pub(super) fn serve(shared: &Shared, options: &args::Serve) -> Result<()> {
    log_to_stderr();
    let serve = config::Serve {
        listen: options.listen.clone(),
        database_url: shared.database_url.clone(),
        demo: options.demo,
        today: options.today.as_deref().map(Day::parse).transpose()?,
        operator: Operator { name: options.operator.clone(), contact: options.contact.clone() },
    };
    let address = serve.address()?;
    let command = if serve.demo { "taizhang serve --demo" } else { "taizhang serve" };
    let listener = web::bind(address, command)?;
    let db = ordinary(&serve)?;
    let bound = listener.local_addr().map_err(|error| Error::Unavailable(format!("不能监听：{error}")))?;
    print(&format!("http://{bound}\n"));
    eprintln!("台账已启动：http://{bound} （数据库 {}；Ctrl-C 停止）", db.label());
    if !serve.demo && !has_more_than_the_plan(&db)? {
        eprintln!("本库目前只有规划原文，没有进度和资金记录。");
    }
    web::run(db, listener, &serve)
}

/// An ordinary database: created and loaded with the plan when it is empty.
fn ordinary(serve: &config::Serve) -> Result<Db> {
    let db = Db::open(&serve.database_url, Clock::System)?;
    if db.read(Head::find)?.seq == 0 {
        let plan = seed::embedded()?;
        db.write(move |tx| load::load(tx, &Actor::loader(), plan))?;
    }
    if db.read(store::version)? != VERSION {
        return Err(Error::Unavailable("合计由旧版本的规则做成；请先运行 taizhang migrate".into()));
    }
    match serve.today {
        None => Ok(db),
        Some(day) if day > Clock::System.today() => {
            Err(Error::invalid("today", day.to_string(), format!("晚于今天（{}）", Clock::System.today())))
        }
        Some(day) => Db::open_read_only(&serve.database_url, Clock::set_at(Instant::end_of(day))),
    }
}

fn has_more_than_the_plan(db: &Db) -> Result<bool> {
    db.read(|conn| crate::ledger::store::has_beyond_plan(conn, i64::MAX))
}

/// Causes of refusals go to the terminal; `RUST_LOG` chooses how much.
fn log_to_stderr() {
    let filter =
        tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info,actix_server=warn".into());
    // A second subscriber in one process is a test's doing and no fault.
    drop(tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init());
}
