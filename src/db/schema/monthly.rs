//! Monthly reports: their versions, what they say, what became of them; and drafts.

#![expect(missing_docs, reason = "the migrations say what each table and column is")]

diesel::table! {
    report_version (id) {
        id -> BigInt,
        seq -> BigInt,
        project_id -> BigInt,
        month -> Integer,
        number -> Integer,
        department -> Text,
        submitted_on -> Integer,
        skips_review -> Integer,
        by_office -> Integer,
        is_nothing -> Integer,
        base_fen -> BigInt,
        completed_fen -> BigInt,
        reduction_reason -> Text,
        correction_fen -> BigInt,
        correction_reason -> Text,
        progress -> Text,
        percent -> Nullable<Integer>,
        next_work -> Text,
        forecast_fen -> Nullable<BigInt>,
        proposal_fen -> Nullable<BigInt>,
        judgement -> Text,
        judgement_reason -> Text,
        document_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    report_line (id) {
        id -> BigInt,
        seq -> BigInt,
        version_id -> BigInt,
        measure -> Integer,
        source_id -> Nullable<BigInt>,
        amount_fen -> BigInt,
    }
}

diesel::table! {
    report_problem (id) {
        id -> BigInt,
        seq -> BigInt,
        version_id -> BigInt,
        text -> Text,
        counterpart -> Text,
        due_on -> Nullable<Integer>,
    }
}

diesel::table! {
    problem_answer (id) {
        id -> BigInt,
        seq -> BigInt,
        problem_id -> BigInt,
        note -> Text,
    }
}

diesel::table! {
    report_step (id) {
        id -> BigInt,
        seq -> BigInt,
        project_id -> BigInt,
        month -> Integer,
        version_id -> BigInt,
        step -> Text,
        stage -> Text,
        taken_on -> Integer,
        reason -> Text,
    }
}

diesel::table! {
    proposal_answer (id) {
        id -> BigInt,
        seq -> BigInt,
        version_id -> BigInt,
        entry_id -> Nullable<BigInt>,
        reason -> Text,
        document_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    report_photo (id) {
        id -> BigInt,
        seq -> BigInt,
        project_id -> BigInt,
        month -> Integer,
        document_id -> BigInt,
        attachment_id -> BigInt,
        caption -> Text,
        added_on -> Integer,
    }
}

diesel::table! {
    review_waiver (id) {
        id -> BigInt,
        seq -> BigInt,
        department -> Text,
        is_waived -> Integer,
        effective_on -> Integer,
        reason -> Text,
    }
}

diesel::table! {
    report_draft (project_id, month, department) {
        project_id -> BigInt,
        month -> Integer,
        department -> Text,
        version -> BigInt,
        content -> Text,
        actor -> Text,
        at_us -> BigInt,
    }
}
