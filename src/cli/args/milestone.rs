//! What `taizhang milestone …` takes.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Document, Withdraw};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Milestone {
    /// 设立节点
    Add(MilestoneAdd),
    /// 按一套标准节点设立：construction 工程建设、study 非工程、package 打包项目
    Set(MilestoneSet),
    /// 记节点的计划、预计、完成、重开
    Fact(MilestoneFact),
    /// 撤回一条日志记下的节点计划、预计、完成或重开
    Withdraw(Withdraw),
    /// 登记公开信息；不写文件则用内置的
    Import(MilestoneImport),
    /// 确认一条公开信息，记为节点
    Confirm(MilestoneConfirm),
    /// 不采信一条公开信息
    Dismiss(MilestoneDismiss),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MilestoneSet {
    /// 项目编号
    #[arg(long)]
    pub project: String,
    /// construction、study 或 package
    #[arg(long)]
    pub template: String,
    /// 已知的计划日期，可写多次：N5=2025-03
    #[arg(long)]
    pub planned: Vec<String>,
    #[command(flatten)]
    pub document: Document,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MilestoneImport {
    /// milestones.csv；不写则用内置的
    pub file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MilestoneConfirm {
    /// 公开信息的编号，见 export clues
    pub clue: i64,
    /// 节点；不写则用公开信息所说的
    #[arg(long)]
    pub code: Option<String>,
    /// 名称（自定节点）
    #[arg(long)]
    pub name: Option<String>,
    /// 日期；不写则用公开信息所说的
    #[arg(long)]
    pub on: Option<String>,
    /// 凭什么可以相信
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub document: Document,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MilestoneDismiss {
    /// 公开信息的编号，见 export clues
    pub clue: i64,
    /// 为什么不采信
    #[arg(long)]
    pub reason: String,
    /// 依据的文号
    #[arg(long)]
    pub document: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MilestoneAdd {
    /// 项目编号
    #[arg(long)]
    pub project: String,
    /// 节点：N1–N10、S1–S4 或自定
    #[arg(long)]
    pub code: String,
    /// 名称（标准节点可不写）
    #[arg(long)]
    pub name: Option<String>,
    /// 计划日期：2025-09-30、2025-09、2025Q3 或 2025
    #[arg(long)]
    pub planned: Option<String>,
    #[command(flatten)]
    pub document: Document,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MilestoneFact {
    /// 项目编号
    #[arg(long)]
    pub project: String,
    /// 节点代码
    #[arg(long)]
    pub code: String,
    /// plan、forecast、met、reopened
    #[arg(long)]
    pub kind: String,
    /// 日期：2025-09-30、2025-09、2025Q3 或 2025
    #[arg(long)]
    pub on: String,
    /// 自哪天起这样说；不写则完成自完成日、其余自今天
    #[arg(long)]
    pub since: Option<String>,
    /// 原因
    #[arg(long, default_value = "")]
    pub reason: String,
    /// 依据（照片、验收单等的说明）
    #[arg(long, default_value = "")]
    pub evidence: String,
    #[command(flatten)]
    pub document: Document,
}
