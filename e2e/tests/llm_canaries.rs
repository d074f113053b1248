//! Values with valid checksums, planted in samples, names and comments, reach no prompt of the real masker, votes,
//! redaction and prompt builder: 10,000 prompts in the live lane, a few hundred elsewhere. It asks no service.

#![allow(clippy::unwrap_used, reason = "a test says so when something is missing")]

use catalog_core::model::*;
use catalog_core::ports::{PiiVoter, RawScanner};
use catalog_llm::prompt::{self, Fence, Prompt, PromptOptions};
use catalog_pii::{Masker, NameVoter, PatternScanner, PatternVoter, ScannerOptions, TallyOptions};

/// Each table gives a prompt for the table, one for its columns and one for the vote.
const TABLES: usize = if cfg!(feature = "live") { 3_340 } else { 100 };
/// As many equal cells as would make a value a public code, were it not personal.
const ROWS: usize = 10;

/// Numbers that look random and are the same in every run (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + (self.next() % 10) as u8)).collect()
    }
}

fn card(random: &mut Random) -> String {
    let body = format!("4{}", random.digits(14));
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let d = u32::from(b - b'0') * if i % 2 == 0 { 2 } else { 1 };
            if d > 9 { d - 9 } else { d }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn iban(random: &mut Random) -> String {
    let bban = random.digits(18);
    // D is 13 and E is 14; the check digits stand behind as 00.
    let rest = format!("{bban}131400").bytes().fold(0_u32, |rest, b| (rest * 10 + u32::from(b - b'0')) % 97);
    format!("DE{:02}{bban}", 98 - rest)
}

fn nir(random: &mut Random) -> String {
    let body = format!("1{}0{}75{}", random.digits(2), 1 + random.next() % 9, 100_101 + random.next() % 800_000);
    let key = 97 - body.parse::<u64>().unwrap() % 97;
    format!("{body}{key:02}")
}

fn email(random: &mut Random) -> String {
    format!("q{}z@mail{}.example", random.digits(5), random.digits(2))
}

/// The value as somebody may write it: bare, in groups of four, in JSON, in a sentence.
fn written(value: &str, random: &mut Random) -> String {
    let grouped: Vec<String> = value.as_bytes().chunks(4).map(|c| String::from_utf8_lossy(c).into_owned()).collect();
    match random.next() % 5 {
        0 => grouped.join(" "),
        1 => grouped.join("-"),
        2 => format!("{{\"v\": \"{value}\"}}"),
        3 => format!("Please pay to {value} today"),
        _ => value.to_owned(),
    }
}

fn column(name: String, comment: Option<String>) -> Column {
    let description = comment.map(|text| AuthoredText { text, by_human: true });
    Column { name, native_type: "TEXT".to_owned(), data_type: DataType::Text, nullable: true, description }
}

fn table(canaries: &[String], random: &mut Random) -> Table {
    let fqn = Fqn::from_parts(["db", "main", &format!("t_{}", canaries[3])]);
    let mut columns: Vec<Column> =
        ["note", "v1", "ref", "contact"].iter().map(|name| column((*name).to_owned(), None)).collect();
    columns[1].description = column(String::new(), Some(format!("e.g. {}", written(&canaries[0], random)))).description;
    columns.push(column(format!("c_{}", canaries[0]), None));
    Table {
        table_ref: TableRef {
            source: SourceId("db".to_owned()),
            id: TableId::from_fqn(&fqn),
            engine: EngineName { catalog: String::new(), schema: "main".to_owned(), table: fqn.name().to_owned() },
            fqn,
        },
        kind: TableKind::Table,
        columns,
        description: Some(AuthoredText { text: format!("ask {}", canaries[3]), by_human: true }),
        primary_key: Vec::new(),
        unique_keys: Vec::new(),
        declared_keys: Vec::new(),
        upstream: Vec::new(),
        row_count_estimate: None,
        change_token: None,
        updated_at_ms: 0,
    }
}

/// A profile of the sample in which every value was seen often enough for a public code.
fn profiled(table: &Table, cells: &[String]) -> ProfiledTable {
    let profile = |name: &String| ColumnProfile {
        name: name.clone(),
        null_ratio: Some(0.0),
        empty_ratio: 0.0,
        distinct: None,
        unique: false,
        lengths: None,
        shapes: Vec::new(),
        range: None,
        numeric_ratio: 0.0,
        mean_words: 1.0,
    };
    let values = |cell: &String| RawColumnValues {
        top: vec![(RawCell::Text(cell.as_str().into()), ROWS as u64)],
        top_complete: true,
        ..RawColumnValues::default()
    };
    ProfiledTable {
        profile: TableProfile {
            row_count: ROWS as u64,
            row_count_exact: true,
            rows_seen: ROWS as u64,
            method: SampleMethod::FullScan,
            columns: table.columns.iter().map(|column| profile(&column.name)).collect(),
        },
        values: cells.iter().map(values).collect(),
        fingerprints: Vec::new(),
    }
}

async fn prompts(table: &Table, cells: &[String], fence: &Fence) -> [Prompt; 3] {
    let mut sample = RawSample::new(table.columns.iter().map(|c| c.name.clone()), SampleMethod::FullScan);
    for _ in 0..ROWS {
        sample.push_row(cells.iter().map(|cell| RawCell::Text(cell.as_str().into())));
    }
    let profiled = profiled(table, cells);
    let masked = Masker::default().mask(&sample);
    let hits = PatternScanner::new(ScannerOptions::default()).scan(&sample).await.unwrap();
    let evidence = catalog_pii::evidence(table, Some(&profiled.profile), &hits, masked.clone());
    let pattern = PatternVoter.vote(&evidence).await.unwrap();
    let name = NameVoter.vote(&evidence).await.unwrap();
    let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    let verdicts = catalog_pii::tally(&names, Some(&pattern), Some(&name), TallyOptions { checksum_alone: false });
    let codes = catalog_pii::public_codes(&profiled, &verdicts);
    let types = vec![DataType::Text; names.len()];
    let rows = catalog_pii::redact(&masked, &verdicts, &codes, &types, 5);
    let request = DescribeRequest {
        table,
        profile: Some(&profiled.profile),
        verdicts: &verdicts,
        sample: Some(&rows),
        public_codes: &codes,
        keys: &[],
        neighbours: &[],
        language: Language::En,
        context: DescribeContext::default(),
    };
    let all: Vec<usize> = (0..names.len()).collect();
    [
        prompt::describe(&request, PromptOptions::default(), fence),
        prompt::describe_columns(&request, &all, fence),
        prompt::judge_columns(&evidence, &all, fence),
    ]
}

#[tokio::test]
async fn no_byte_of_a_prompt_is_of_a_planted_value() {
    let mut random = Random(1);
    let fence = Fence::fixed([3; 32]);
    let mut seen = 0;
    for _ in 0..TABLES {
        let canaries = [card(&mut random), iban(&mut random), nir(&mut random), email(&mut random)];
        let table = table(&canaries, &mut random);
        let mut cells: Vec<String> = canaries[..3].iter().map(|canary| written(canary, &mut random)).collect();
        cells.extend([canaries[3].clone(), "plain".to_owned()]);
        for prompt in prompts(&table, &cells, &fence).await {
            seen += 1;
            // Without what may stand between its groups; the boundary's own digits are no part of the data.
            let whole = format!("{}{}{}", prompt.system, prompt.user, prompt.schema);
            let bytes: String = whole.chars().filter(|c| !" -./_".contains(*c)).collect();
            for canary in &canaries {
                let canary: String = canary.chars().filter(|c| !" -./_".contains(*c)).collect();
                assert!(!bytes.contains(&canary), "a planted value in a prompt of {}", prompt.version);
            }
        }
    }
    assert_eq!(seen, 3 * TABLES);
}
