//! `run`: the daemon. Webhooks, the schedule and requests wake one engine that walks what is queued.
//!
//! - [`Engine`]: one walk at a time, whoever asked for it;
//! - [`Board`]: which runs there are and how far they have come;
//! - [`Intake`]: many small commits made one, so that a webhook is answered after it is durable and soon;
//! - [`Timetable`]: when a pass is due, by cron expressions in the operator's time zone;
//! - [`Upkeep`]: what is too old goes.

mod board;
mod engine;
mod intake;
mod issuer_keys;
mod run;
mod schedule;
mod setup;
mod signals;
mod timetable;
mod upkeep;

pub use board::{Board, LeftOut, RunState, RunView, StageView};
pub use engine::{Engine, EngineParts, Expedition, WalkSetup};
pub use intake::{Intake, IntakeOptions};
pub use run::run;
pub use schedule::keep;
pub use setup::LocalSetup;
pub use signals::Signals;
pub use timetable::{Pass, Timetable};
pub use upkeep::Upkeep;
