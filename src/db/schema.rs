//! The tables, as the migrations make them (a test compares the two engines).
#![expect(missing_docs, reason = "the migrations say what each table and column is")]

mod light;
mod monthly;
mod people;

pub use light::{exemption, light_judgement, plan_months};
pub use monthly::{
    problem_answer, proposal_answer, report_draft, report_line, report_photo, report_problem, report_step,
    report_version, review_waiver,
};
pub use people::{
    account, account_fact, api_token, credential, delegation, person, recovery_code, security_event, security_log,
    session, throttle,
};

diesel::table! {
    head (one) {
        one -> Integer,
        seq -> BigInt,
        at_us -> BigInt,
        hash -> Text,
        last_id -> BigInt,
    }
}

diesel::table! {
    journal (seq) {
        seq -> BigInt,
        at_us -> BigInt,
        actor -> Text,
        action -> Text,
        subject -> Text,
        payload -> Text,
        previous -> Text,
        hash -> Text,
    }
}

diesel::table! {
    document (id) {
        id -> BigInt,
        seq -> BigInt,
        code -> Text,
        title -> Text,
        issuer -> Text,
        number -> Text,
        dated_on -> Nullable<Integer>,
        precision -> Text,
        sha256 -> Text,
        note -> Text,
    }
}

diesel::table! {
    plan_line (id) {
        id -> BigInt,
        seq -> BigInt,
        code -> Text,
        document_id -> BigInt,
        section -> Text,
        row_no -> Nullable<Integer>,
        text -> Text,
    }
}

diesel::table! {
    assertion (id) {
        id -> BigInt,
        seq -> BigInt,
        line_id -> BigInt,
        section -> Text,
        kind -> Text,
        expected -> BigInt,
        note -> Text,
    }
}

diesel::table! {
    finding (id) {
        id -> BigInt,
        seq -> BigInt,
        subject_kind -> Text,
        subject_code -> Text,
        line_id -> Nullable<BigInt>,
        text -> Text,
        handling -> Text,
    }
}

diesel::table! {
    category (id) {
        id -> BigInt,
        seq -> BigInt,
        slug -> Text,
        name -> Text,
        position -> Integer,
    }
}

diesel::table! {
    department (id) {
        id -> BigInt,
        seq -> BigInt,
        code -> Text,
        name -> Text,
        note -> Text,
    }
}

diesel::table! {
    source (id) {
        id -> BigInt,
        seq -> BigInt,
        code -> Text,
        name -> Text,
        position -> Integer,
        note -> Text,
    }
}

diesel::table! {
    project (id) {
        id -> BigInt,
        seq -> BigInt,
        code -> Text,
        no -> Integer,
        registered_on -> Integer,
        precision -> Text,
        document_id -> Nullable<BigInt>,
        line_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    project_fact (id) {
        id -> BigInt,
        seq -> BigInt,
        project_id -> BigInt,
        attribute -> Text,
        effective_on -> Integer,
        precision -> Text,
        value -> Text,
        status -> Text,
        basis -> Text,
        confidence -> Text,
        document_id -> Nullable<BigInt>,
        line_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    entry (id) {
        id -> BigInt,
        seq -> BigInt,
        project_id -> BigInt,
        measure -> Integer,
        kind -> Integer,
        year -> Nullable<Integer>,
        source_id -> Nullable<BigInt>,
        amount_fen -> BigInt,
        occurred_on -> Integer,
        posted_month -> Nullable<Integer>,
        reason_code -> Text,
        is_estimate -> Integer,
        document_id -> Nullable<BigInt>,
        line_id -> Nullable<BigInt>,
        reverses_id -> Nullable<BigInt>,
        note -> Text,
    }
}

diesel::table! {
    milestone (id) {
        id -> BigInt,
        seq -> BigInt,
        project_id -> BigInt,
        code -> Text,
        name -> Text,
        position -> Integer,
        document_id -> Nullable<BigInt>,
        line_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    milestone_fact (id) {
        id -> BigInt,
        seq -> BigInt,
        milestone_id -> BigInt,
        kind -> Integer,
        happens_on -> Integer,
        precision -> Text,
        effective_on -> Integer,
        reason -> Text,
        evidence -> Text,
        document_id -> Nullable<BigInt>,
        line_id -> Nullable<BigInt>,
        source_url -> Text,
        source_quality -> Text,
    }
}

diesel::table! {
    withdrawal (id) {
        id -> BigInt,
        seq -> BigInt,
        fact_id -> BigInt,
        reason -> Text,
        document_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    clue (id) {
        id -> BigInt,
        seq -> BigInt,
        project_id -> BigInt,
        milestone_code -> Text,
        milestone_name -> Text,
        claim -> Text,
        happens_on -> Integer,
        precision -> Text,
        text -> Text,
        source_code -> Text,
        source_title -> Text,
        publisher -> Text,
        published_on -> Nullable<Integer>,
        published_precision -> Text,
        source_url -> Text,
        source_quality -> Text,
        note -> Text,
    }
}

diesel::table! {
    clue_answer (id) {
        id -> BigInt,
        seq -> BigInt,
        clue_id -> BigInt,
        milestone_fact_id -> Nullable<BigInt>,
        reason -> Text,
        document_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    close (id) {
        id -> BigInt,
        seq -> BigInt,
        kind -> Text,
        month -> Integer,
        department -> Text,
        state -> Text,
        reason -> Text,
    }
}

diesel::table! {
    mailbox (department) {
        department -> Text,
        address -> Text,
    }
}

diesel::table! {
    chase (id) {
        id -> BigInt,
        seq -> BigInt,
        month -> Integer,
        department -> Text,
        way -> Text,
        missing -> Integer,
        text -> Text,
    }
}

diesel::table! {
    indicator (id) {
        id -> BigInt,
        seq -> BigInt,
        code -> Text,
        indicator_no -> Integer,
        sub_no -> Nullable<Integer>,
        domain -> Text,
        task -> Text,
        name -> Text,
        sub_name -> Text,
        display_name -> Text,
        unit -> Text,
        criterion -> Text,
        baseline_2022 -> Text,
        target_2025 -> Text,
        target_2035 -> Text,
        attribute -> Text,
        type_2025 -> Text,
        op_2025 -> Text,
        value_2025 -> Text,
        type_2035 -> Text,
        op_2035 -> Text,
        value_2035 -> Text,
        baseline_value -> Text,
        rule -> Text,
        line_id -> BigInt,
    }
}

diesel::table! {
    setting (id) {
        id -> BigInt,
        seq -> BigInt,
        name -> Text,
        value -> Text,
        effective_on -> Integer,
        reason -> Text,
    }
}

diesel::table! {
    publication (id) {
        id -> BigInt,
        seq -> BigInt,
        month -> Nullable<Integer>,
        as_of -> Integer,
        known_seq -> BigInt,
        head_hash -> Text,
        note -> Text,
    }
}

diesel::table! {
    claim (id) {
        id -> BigInt,
        seq -> BigInt,
        project_id -> BigInt,
        department -> Text,
        answer -> Text,
        suggested -> Text,
        reason -> Text,
    }
}

diesel::table! {
    request (id) {
        id -> BigInt,
        seq -> BigInt,
        kind -> Text,
        subject -> Text,
        payload -> Text,
        before -> Text,
        after -> Text,
        effect -> Text,
        reason -> Text,
        expires_on -> Integer,
    }
}

diesel::table! {
    request_answer (id) {
        id -> BigInt,
        seq -> BigInt,
        request_id -> BigInt,
        answer -> Text,
        reason -> Text,
    }
}

diesel::table! {
    shift (seq, day, member, measure) {
        seq -> BigInt,
        day -> Integer,
        member -> BigInt,
        measure -> Integer,
        fen -> BigInt,
        n -> BigInt,
    }
}

diesel::table! {
    cell_month (recorded_month, month, member, measure) {
        recorded_month -> Integer,
        month -> Integer,
        member -> BigInt,
        measure -> Integer,
        fen -> BigInt,
        n -> BigInt,
    }
}

diesel::table! {
    cell_day (day, recorded_month, member, measure) {
        day -> Integer,
        recorded_month -> Integer,
        member -> BigInt,
        measure -> Integer,
        fen -> BigInt,
        n -> BigInt,
    }
}

diesel::table! {
    now_month (month, member, measure) {
        month -> Integer,
        member -> BigInt,
        measure -> Integer,
        fen -> BigInt,
        n -> BigInt,
    }
}

diesel::table! {
    now_day (day, member, measure) {
        day -> Integer,
        member -> BigInt,
        measure -> Integer,
        fen -> BigInt,
        n -> BigInt,
    }
}

diesel::table! {
    project_now (project_id) {
        project_id -> BigInt,
        category -> Text,
        department -> Text,
        nature -> Text,
        stage -> Text,
        start_year -> Integer,
        end_year -> Integer,
        name -> Text,
        investment_fen -> BigInt,
        investment_n -> BigInt,
        plan_fen -> BigInt,
        plan_n -> BigInt,
        budget_fen -> BigInt,
        budget_n -> BigInt,
        received_fen -> BigInt,
        received_n -> BigInt,
        completed_fen -> BigInt,
        completed_n -> BigInt,
        paid_fen -> BigInt,
        paid_n -> BigInt,
        latest_on -> Integer,
        supports -> Text,
        category_status -> Text,
        department_status -> Text,
        nature_status -> Text,
        supports_status -> Text,
    }
}

diesel::table! {
    year_now (year, project_id, source_id) {
        year -> Integer,
        project_id -> BigInt,
        source_id -> BigInt,
        investment_fen -> BigInt,
        investment_n -> BigInt,
        plan_fen -> BigInt,
        plan_n -> BigInt,
        budget_fen -> BigInt,
        budget_n -> BigInt,
        received_fen -> BigInt,
        received_n -> BigInt,
        completed_fen -> BigInt,
        completed_n -> BigInt,
        paid_fen -> BigInt,
        paid_n -> BigInt,
    }
}

diesel::table! {
    milestone_now (milestone_id) {
        milestone_id -> BigInt,
        project_id -> BigInt,
        planned_on -> Nullable<Integer>,
        forecast_on -> Nullable<Integer>,
        met_on -> Nullable<Integer>,
    }
}

diesel::table! {
    derived (one) {
        one -> Integer,
        version -> Integer,
    }
}

diesel::table! {
    check_run (one) {
        one -> Integer,
        seq -> BigInt,
        at_us -> BigInt,
        took_ms -> BigInt,
        report -> Text,
    }
}

diesel::table! {
    attachment (id) {
        id -> BigInt,
        seq -> BigInt,
        document_id -> BigInt,
        name -> Text,
        media_type -> Text,
        size -> BigInt,
        sha256 -> Text,
    }
}

diesel::table! {
    blob (sha256) {
        sha256 -> Text,
        bytes -> Binary,
    }
}

diesel::table! {
    submission (actor, route, submission_key) {
        actor -> Text,
        route -> Text,
        submission_key -> Text,
        body_sha256 -> Text,
        answer -> Text,
        at_us -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    head,
    journal,
    document,
    plan_line,
    assertion,
    finding,
    category,
    department,
    source,
    project,
    project_fact,
    entry,
    milestone,
    milestone_fact,
    withdrawal,
    clue,
    clue_answer,
    close,
    chase,
    mailbox,
    indicator,
    setting,
    publication,
    claim,
    request,
    request_answer,
    shift,
    cell_month,
    cell_day,
    now_month,
    now_day,
    project_now,
    year_now,
    milestone_now,
    derived,
    account,
    account_fact,
    delegation,
    person,
    credential,
    recovery_code,
    session,
    api_token,
    throttle,
    security_event,
    security_log,
    report_version,
    report_line,
    report_problem,
    problem_answer,
    report_photo,
    report_step,
    proposal_answer,
    review_waiver,
    report_draft,
    plan_months,
    exemption,
    light_judgement
);
