//! The domain's words, one idea a file.

mod cell;
mod change;
mod draft;
mod enrichment;
mod fingerprint;
mod fqn;
mod fqn_ending;
mod join;
mod key;
mod key_column;
mod key_evidence;
mod pii;
mod profile;
mod proposal;
mod query;
mod question;
mod sample;
mod secret;
mod spelling;
mod table;
mod usage;
mod vector;
mod work;

pub use cell::{CellRef, RawCell};
pub use change::{
    AuditRow, CatalogField, ChangeKind, ChangeSet, CurrentField, CurrentTable, DailyUsage, FieldPath, FieldValue,
    Operation, OperationId, Receipt, WriteOutcome,
};
pub use draft::{Confidence, DescribeRequest, Draft, DraftSource, KeyFact, Language, Neighbour};
pub use enrichment::{
    AcceptedExample, ColumnDraft, DescribeContext, DomainPlacement, DomainSpec, Enrichment, GlossaryTerm,
    RefusedExample,
};
pub use fingerprint::{FINGERPRINT_K, Fingerprint, ValueFamily};
pub use fqn::Fqn;
pub use join::{JoinKind, MinedJoin};
pub use key::{
    ColumnSet, ConfirmCheck, ConfirmCount, FkCandidate, ForeignKey, KeptHashes, KeyStatus, KeyTable, RelateInput,
};
pub use key_column::KeyColumn;
pub use key_evidence::KeyEvidence;
pub use pii::{
    CatalogTag, ColumnEvidence, EntityHits, PiiDecision, PiiEntity, PiiEvidence, PiiVerdict, PiiVote, Sensitivity,
    SpecialCategory, TagOrigin, Verdict,
};
pub use profile::{
    ColumnProfile, DistinctEstimate, DistinctMethod, LengthStats, ProfiledTable, RawColumnValues, RoundedRange,
    SampleMethod, ShapeShare, TableProfile,
};
pub use proposal::{Proposal, ProposalId, ProposalState};
pub use query::{
    MinedQuery, MinedQueryLog, MinerCheckpoint, QueryCheckpoint, QueryEvent, QueryNoise, QueryState, SkipReason,
    UsageCount,
};
pub use question::{QueryVerdict, QuestionRequest, WrittenQuestion};
pub use sample::{MaskedSample, PromptSample, RawSample, SampleRequest};
pub use secret::Secret;
pub use spelling::Spelling;
pub use table::{
    AuthoredText, Column, DataType, DeclaredKey, EngineName, SourceId, Table, TableId, TableKind, TableRef,
};
pub use usage::{Day, JoinUsage, TableTotal, TableUsage, UsageFacts};
pub use vector::{Embedding, IndexEntry, QueuedVector, SearchHit, VectorTask, centroid};
pub use work::{
    LeasedItem, ParkedTable, RunId, RunSummary, StageSeconds, TableState, WakeReason, WalkStage, Watermark, WorkCounts,
    WorkItem,
};
