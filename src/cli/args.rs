//! What can be typed.

mod milestone;
mod people;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::department::Department;
use crate::config;

pub(super) use milestone::{
    Milestone, MilestoneAdd, MilestoneConfirm, MilestoneDismiss, MilestoneFact, MilestoneImport, MilestoneSet,
};
pub(super) use people::{Token, TokenCreate, User, UserAdd, UserChange, UserPasswd};

/// 台账：重点工程组合登记簿。不带命令时等于 serve。
#[derive(Debug, Parser)]
#[command(name = "taizhang", version, disable_help_subcommand = true)]
pub(super) struct Args {
    #[command(flatten)]
    pub shared: Shared,
    #[command(flatten)]
    pub serve: Serve,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Shared {
    /// 数据库地址：sqlite://文件 或 postgres://…
    #[arg(long, global = true, env = "DATABASE_URL", default_value = config::DEFAULT_DATABASE)]
    pub database_url: String,
    /// 输出格式：table、csv、json
    #[arg(long, global = true, env = "TAIZHANG_FORMAT", default_value = "table")]
    pub format: String,
}

#[derive(Debug, Default, clap::Args)]
pub(super) struct Serve {
    /// 监听地址；端口写 0 取一个空闲端口
    #[arg(long, env = "TAIZHANG_LISTEN", default_value = config::DEFAULT_LISTEN)]
    pub listen: String,
    /// 打开演示库（另建数据库，只在本机）
    #[arg(long, env = "TAIZHANG_DEMO")]
    pub demo: bool,
    /// 把这一天当作今天来看（只读）
    #[arg(long, env = "TAIZHANG_TODAY")]
    pub today: Option<String>,
    /// 主办单位，显示在每页页脚
    #[arg(long, env = "TAIZHANG_OPERATOR")]
    pub operator: Option<String>,
    /// 联系方式
    #[arg(long, env = "TAIZHANG_CONTACT")]
    pub contact: Option<String>,
    /// 对外的网址（由代理提供 https 时写上）：https://域名
    #[arg(long, env = "TAIZHANG_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// 可信的代理：127.0.0.1 或 10.0.0.0/8，逗号分隔；只有它们转告的来访地址才算数
    #[arg(long, env = "TAIZHANG_TRUSTED_PROXIES")]
    pub trusted_proxies: Option<String>,
    /// 每天把日志末条（序号、哈希）以 JSON 送到这个网址，由外人留存
    #[arg(long, env = "TAIZHANG_WITNESS_URL")]
    pub witness_url: Option<String>,
    /// 每天把日志末条寄到这个邮箱
    #[arg(long, env = "TAIZHANG_WITNESS_MAIL")]
    pub witness_mail: Option<String>,
    /// 邮件服务器：smtps://用户:口令@主机，或 smtp://主机:587?tls=required
    #[arg(long, env = "TAIZHANG_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// 寄件地址
    #[arg(long, env = "TAIZHANG_MAIL_FROM")]
    pub mail_from: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// 启动网页（首次运行自动建库并载入规划）
    Serve(Serve),
    /// 建库并载入一份规划
    Init(Init),
    /// 把数据库升级到本程序的版本
    Migrate,
    /// 汇总：按体系、部门、年度等
    Rollup(Rollup),
    /// 导出 projects、entries、milestones、slips、clues、journal、backlog
    Export(Export),
    /// 逐笔重算，证明每个合计；有出入时以 1 退出
    Check,
    /// 离线核验导出的日志文件
    Verify {
        /// export journal 导出的文件
        file: PathBuf,
        /// 公布过的末条哈希（64 位十六进制）；文件里必须有这一条
        #[arg(long)]
        head: Option<String>,
    },
    /// 日志的最后一条：序号、时刻、哈希
    Head,
    /// 由事实重做合计
    Rebuild,
    /// 存量补录：检查、载入填好的表（表用 export backlog 下载）
    #[command(subcommand)]
    Backlog(super::backlog::Backlog),
    /// 分录：记入、冲正、调剂
    #[command(subcommand)]
    Entry(Entry),
    /// 文件：附上原件
    #[command(subcommand, name = "document")]
    Paper(Paper),
    /// 节点：设立、记事
    #[command(subcommand)]
    Milestone(Milestone),
    /// 项目：登记、变更、批量登记、撤回
    #[command(subcommand)]
    Project(Project),
    /// 部门：登记、列出
    #[command(subcommand)]
    Department(Department),
    /// 账户：建立、列出、停用、启用、发一次性口令
    #[command(subcommand)]
    User(User),
    /// 接口令牌：建立、列出、撤销
    #[command(subcommand)]
    Token(Token),
}

#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// 规划数据所在的文件夹；不写则用内置的朝阳区规划
    #[arg(long)]
    pub seeds: Option<PathBuf>,
}

/// 截至哪一天，按哪一时刻的记录
#[derive(Debug, Clone, clap::Args)]
pub(super) struct When {
    /// 截至：2025-09-30；不写则今天
    #[arg(long)]
    pub as_of: Option<String>,
    /// 按…时的记录：2025-09-30T18:00:00+08:00、日期或 seq:N；不写则最新
    #[arg(long)]
    pub known_at: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Rollup {
    /// 按什么汇总，最多两个：category,department,nature,start_year,end_year,year,source,stage
    #[arg(long, value_delimiter = ',', default_value = "category")]
    pub by: Vec<String>,
    #[command(flatten)]
    pub when: When,
    /// 终端表格的单位：yuan、wan、yi
    #[arg(long, default_value = "wan")]
    pub unit: String,
    /// 只看这些体系（可重复）
    #[arg(long)]
    pub category: Vec<String>,
    /// 只看这些责任部门（可重复）
    #[arg(long)]
    pub department: Vec<String>,
    /// 只看这些投资性质（可重复）
    #[arg(long)]
    pub nature: Vec<String>,
    /// 只看这些阶段（可重复）
    #[arg(long)]
    pub stage: Vec<String>,
    /// 只看这些年度的分录（可重复）；none 为未分年
    #[arg(long)]
    pub year: Vec<String>,
    /// 只看这些资金来源的分录（可重复）；none 为未落实
    #[arg(long)]
    pub source: Vec<String>,
    /// 只看起始年在这些年的项目（可重复）
    #[arg(long)]
    pub start_year: Vec<String>,
    /// 只看终止年在这些年的项目（可重复）
    #[arg(long)]
    pub end_year: Vec<String>,
    /// 只看这一年在建设年限内的项目
    #[arg(long)]
    pub active_in: Option<String>,
    /// 编号、名称、内容含这些字
    #[arg(long, short)]
    pub q: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// projects、entries、hledger（hledger 能读的文本账）、milestones、slips（变动台账）、clues（公开信息）、journal 或 backlog（存量补录表，xlsx）
    pub what: String,
    #[command(flatten)]
    pub when: When,
    /// 写到文件；不写则打印
    #[arg(long, short)]
    pub output: Option<PathBuf>,
    /// 只要这个部门牵头的项目（存量补录表）
    #[arg(long)]
    pub department: Option<String>,
}

/// 依据的文件
#[derive(Debug, clap::Args)]
pub(super) struct Document {
    /// 文号；已登记的文件只写文号即可
    #[arg(long)]
    pub document: String,
    #[command(flatten)]
    pub about: DocumentAbout,
}

/// 首次引用一份文件时说明它是什么
#[derive(Debug, clap::Args)]
pub(super) struct DocumentAbout {
    /// 文件标题（首次引用时）
    #[arg(long)]
    pub document_title: Option<String>,
    /// 发文机关（首次引用时）
    #[arg(long)]
    pub document_issuer: Option<String>,
    /// 文件日期：2025-03-01、2025-03 或 2025（首次引用时）
    #[arg(long)]
    pub document_date: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Entry {
    /// 记入一笔
    Add(Box<EntryAdd>),
    /// 冲正一笔；调剂的一笔连同其余各行一起冲正
    Reverse(EntryReverse),
    /// 调剂：几行一起记，调出与调入相等
    Transfer(EntryTransfer),
}

#[derive(Debug, Subcommand)]
pub(super) enum Paper {
    /// 给一份已登记的文件附上原件（PDF、OFD、docx、xlsx、pptx、JPEG、PNG、WebP、文本、CSV；每个不超过 20 MB）
    Attach {
        /// 要附的文件
        file: PathBuf,
        /// 文号
        #[arg(long)]
        document: String,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct EntryTransfer {
    /// 一行：项目:口径:年度:资金来源:金额（万元，调出为负），如 CY-08:budget:2025:D1:-120；年度、来源可空
    #[arg(long, required = true, allow_hyphen_values = true)]
    pub line: Vec<String>,
    /// 各行金额以元计
    #[arg(long)]
    pub in_yuan: bool,
    /// 生效日期
    #[arg(long)]
    pub on: String,
    /// 原因
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub document: Document,
}

#[derive(Debug, clap::Args)]
pub(super) struct EntryAdd {
    /// 项目编号，如 CY-01
    #[arg(long)]
    pub project: String,
    /// investment、plan、budget、received、completed、paid
    #[arg(long)]
    pub measure: String,
    /// 金额（万元），如 1234.5
    #[arg(long, conflicts_with = "yuan", required_unless_present = "yuan", allow_hyphen_values = true)]
    pub wan: Option<String>,
    /// 金额（元）
    #[arg(long, allow_hyphen_values = true)]
    pub yuan: Option<String>,
    /// 发生日期
    #[arg(long)]
    pub on: String,
    /// 年度
    #[arg(long)]
    pub year: Option<String>,
    /// 资金来源代码，如 D1
    #[arg(long)]
    pub source: Option<String>,
    /// original、adjustment、opening
    #[arg(long, default_value = "original")]
    pub kind: String,
    /// 原因
    #[arg(long, default_value = "")]
    pub reason: String,
    /// 含预计
    #[arg(long)]
    pub estimate: bool,
    /// 补记：发生的月份已锁定，日期不变，记在本月
    #[arg(long)]
    pub late: bool,
    /// 备注
    #[arg(long, default_value = "")]
    pub note: String,
    #[command(flatten)]
    pub document: Document,
}

#[derive(Debug, clap::Args)]
pub(super) struct EntryReverse {
    /// 分录编号
    pub id: i64,
    /// 原因
    #[arg(long)]
    pub reason: String,
    /// 冲正日期；不写则今天
    #[arg(long)]
    pub on: Option<String>,
    /// 依据文件的文号；不写则沿用原分录的文件
    #[arg(long)]
    pub document: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Project {
    /// 登记一个项目（其他文件新增的）
    Add(Box<ProjectAdd>),
    /// 变更一项登记：改名、年限、体系、部门、阶段、取消
    Change(ProjectChange),
    /// 从 CSV 批量登记（格式同 seeds/projects.csv）
    Import(ProjectImport),
    /// 撤回一条日志记下的登记事实
    Withdraw(Withdraw),
}

#[derive(Debug, clap::Args)]
pub(super) struct ProjectAdd {
    /// 编号，如 CY-33
    #[arg(long)]
    pub code: String,
    /// 文件表中的序号
    #[arg(long)]
    pub no: i32,
    /// 工程名称
    #[arg(long)]
    pub name: String,
    /// 主要内容
    #[arg(long)]
    pub content: String,
    /// 起始年
    #[arg(long)]
    pub start_year: String,
    /// 终止年
    #[arg(long)]
    pub end_year: String,
    /// 投资额（万元）
    #[arg(long)]
    pub wan: String,
    /// 体系代码；不写为待确认
    #[arg(long)]
    pub category: Option<String>,
    /// 责任部门代码；不写为待确认
    #[arg(long)]
    pub department: Option<String>,
    /// 自哪天起列入；不写则今天
    #[arg(long)]
    pub on: Option<String>,
    #[command(flatten)]
    pub document: Document,
}

#[derive(Debug, clap::Args)]
pub(super) struct ProjectChange {
    /// 编号
    pub code: String,
    /// name、content、category、lead_department、support_departments、nature、stage、start_year、end_year、reporting_from、responsible_unit、responsible_person
    pub attribute: String,
    /// 新值
    pub value: String,
    /// 自哪天起；不写则今天
    #[arg(long)]
    pub on: Option<String>,
    /// 原因
    #[arg(long, default_value = "")]
    pub reason: String,
    #[command(flatten)]
    pub document: Document,
}

#[derive(Debug, clap::Args)]
pub(super) struct ProjectImport {
    /// CSV 文件
    pub file: PathBuf,
    /// 自哪天起列入；不写则今天
    #[arg(long)]
    pub on: Option<String>,
    #[command(flatten)]
    pub document: Document,
}

#[derive(Debug, clap::Args)]
pub(super) struct Withdraw {
    /// 日志序号
    pub seq: i64,
    /// 原因
    #[arg(long)]
    pub reason: String,
    /// 依据文件的文号
    #[arg(long)]
    pub document: Option<String>,
}
