//! A stateful stand-in of an OpenMetadata server, as a program.

use std::io::Write;
use std::path::PathBuf;

use catalog_testkit::fake_om::{FakeOm, Generation, Options, Quirks, WebhookBody};
use clap::{Parser, ValueEnum};

/// Serves a stand-in of OpenMetadata on the loopback.
#[derive(Parser)]
#[command(name = "fake-om", version)]
struct Arguments {
    /// The port.
    #[arg(long, default_value_t = 8585)]
    port: u16,
    /// The generation of servers to stand in for.
    #[arg(long, value_enum, default_value = "2.0")]
    generation: GenerationName,
    /// A known fault to switch on; may be given more than once.
    #[arg(long = "quirk", value_enum)]
    quirks: Vec<QuirkName>,
    /// The form of webhook bodies.
    #[arg(long, value_enum, default_value = "single")]
    webhook_body: WebhookBodyName,
    /// Where to write the token of the user `ingestion-bot`.
    #[arg(long)]
    token_file: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum GenerationName {
    #[value(name = "1.6")]
    V1_6,
    #[value(name = "2.0")]
    V2_0,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum QuirkName {
    NoIfMatch,
    LostConcurrentPatches,
    EtagProjectionMismatch,
    DropNestedOnIfMatch,
    ReorderedOperations,
    EventsOutOfOrder,
}

#[derive(Clone, Copy, ValueEnum)]
enum WebhookBodyName {
    Single,
    Data,
    Array,
    EventList,
}

impl QuirkName {
    fn switch_on(self, quirks: &mut Quirks) {
        let switch = match self {
            Self::NoIfMatch => &mut quirks.no_if_match,
            Self::LostConcurrentPatches => &mut quirks.lost_concurrent_patches,
            Self::EtagProjectionMismatch => &mut quirks.etag_projection_mismatch,
            Self::DropNestedOnIfMatch => &mut quirks.drop_nested_on_if_match,
            Self::ReorderedOperations => &mut quirks.reordered_operations,
            Self::EventsOutOfOrder => &mut quirks.events_out_of_order,
        };
        *switch = true;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let mut options = Options::of(match arguments.generation {
        GenerationName::V1_6 => Generation::V1_6,
        GenerationName::V2_0 => Generation::V2_0,
    });
    for quirk in arguments.quirks {
        quirk.switch_on(&mut options.quirks);
    }
    options.webhook_body = match arguments.webhook_body {
        WebhookBodyName::Single => WebhookBody::Single,
        WebhookBodyName::Data => WebhookBody::Data,
        WebhookBodyName::Array => WebhookBody::Array,
        WebhookBodyName::EventList => WebhookBody::EventList,
    };
    if let (Some(path), Some(bot)) = (&arguments.token_file, options.users.iter().find(|user| user.is_bot)) {
        std::fs::write(path, &bot.token)?;
    }
    let server = FakeOm::start(options, arguments.port).await?;
    writeln!(std::io::stdout(), "OpenMetadata's stand-in answers at {}", server.url())?;
    server.serve().await;
    Ok(())
}
