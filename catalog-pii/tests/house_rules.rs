//! The operator's own rules: what they add, what they leave alone, and what they overrule.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use catalog_core::model::{Fqn, PiiDecision, PiiEntity, RawSample, SampleMethod, Verdict};
use catalog_core::ports::PiiVoter;
use catalog_pii::{
    CustomRecogniser, HouseNameVoter, HouseRules, HouseRulesConfig, ListedValues, Masker, NumberCheck, PatternScanner,
    PatternVoter, TallyOptions, evidence, tally,
};
use support::{text_sample, text_table};

fn badge(words: &[&str], check: Option<NumberCheck>) -> CustomRecogniser {
    CustomRecogniser {
        name: "badge".into(),
        pattern: r"\bBDG-\d{6}\b".into(),
        entity: PiiEntity::Custom,
        words: words.iter().map(|w| (*w).into()).collect(),
        check,
    }
}

fn rules(config: &HouseRulesConfig) -> HouseRules {
    HouseRules::compile(config).unwrap()
}

fn mask(rules: &HouseRules, column: &str, text: &str) -> String {
    let masker = Masker::default().with_house_rules(rules.clone());
    masker.mask(&text_sample(column, &[text])).rows()[0][0].clone()
}

#[test]
fn a_pattern_of_the_house_is_masked_wherever_it_stands() {
    let rules = rules(&HouseRulesConfig { custom: vec![badge(&[], None)], ..HouseRulesConfig::default() });
    assert_eq!(mask(&rules, "c", "lost BDG-123456 today"), "lost <CUSTOM> today");
    assert_eq!(Masker::default().with_house_rules(rules).mask_name("scan_BDG-123456"), "scan_BDG-123456");
}

#[test]
fn a_pattern_with_words_works_in_columns_of_that_name_alone() {
    let rules = rules(&HouseRulesConfig { custom: vec![badge(&["badge"], None)], ..HouseRulesConfig::default() });
    assert_eq!(mask(&rules, "staffBadge", "BDG-123456"), "<CUSTOM>");
    assert_eq!(mask(&rules, "part", "BDG-123456"), "BDG-123456");
}

#[test]
fn a_check_digit_refuses_what_only_looks_right() {
    let config = HouseRulesConfig { custom: vec![badge(&[], Some(NumberCheck::Luhn))], ..HouseRulesConfig::default() };
    let rules = rules(&config);
    assert_eq!(mask(&rules, "c", "BDG-123455"), "<CUSTOM>");
    assert_eq!(mask(&rules, "c", "BDG-123456"), "BDG-123456");
}

#[test]
fn listed_values_are_masked_and_allowed_ones_stay_whatever_their_case_and_accents() {
    let rules = rules(&HouseRulesConfig {
        allow_values: vec!["Support@Example.org".into()],
        deny_values: vec![ListedValues {
            entity: PiiEntity::PersonName,
            values: vec!["Zoë Q. Xu".into(), "K2".into()],
        }],
        ..HouseRulesConfig::default()
    });
    assert_eq!(mask(&rules, "c", "write to support@example.org"), "write to support@example.org");
    assert_eq!(mask(&rules, "c", "write to other@example.org"), "write to <EMAIL>");
    assert_eq!(mask(&rules, "c", "seen: zoe q. xu, k2."), "seen: <PERSON_NAME>, <PERSON_NAME>.");
    assert_eq!(mask(&rules, "c", "K20 and two"), "K20 and two");
}

#[tokio::test]
async fn a_column_that_name_and_values_of_the_house_agree_on_is_flagged() {
    let rules = rules(&HouseRulesConfig { custom: vec![badge(&["badge"], None)], ..HouseRulesConfig::default() });
    let sample = text_sample("badge", &["BDG-123456", "BDG-123457", "BDG-000001"]);
    let hits = PatternScanner::default().with_house_rules(rules.clone()).scan_now(&sample);
    let evidence = evidence(&text_table("gate", &["badge"]), None, &hits, Masker::default().mask(&sample));
    let pattern = PatternVoter.vote(&evidence).await.unwrap();
    let name = HouseNameVoter::new(rules).vote(&evidence).await.unwrap();
    let verdict = tally(&["badge".into()], Some(&pattern), Some(&name), TallyOptions::default()).remove(0);
    assert_eq!((verdict.decision, verdict.entity), (PiiDecision::Flagged, Some(PiiEntity::Custom)));
}

#[test]
fn the_operators_word_on_a_column_overrules_the_vote_and_says_so() {
    let config =
        HouseRulesConfig { allow: vec!["*.a".into()], deny: vec!["t.b".into()], ..HouseRulesConfig::default() };
    let names = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
    let mut verdicts = tally(&names, None, None, TallyOptions::default());
    rules(&config).rule_on_columns(&Fqn::from_parts(["db", "main", "t"]), &mut verdicts);
    let decisions: Vec<_> = verdicts.iter().map(|v| v.decision).collect();
    assert_eq!(decisions, [PiiDecision::Clear, PiiDecision::Flagged, PiiDecision::Unknown]);
    assert_eq!((verdicts[1].votes[0].voter.as_str(), verdicts[1].votes[0].verdict), ("operator", Verdict::Yes));
    assert_eq!(verdicts[1].entity, Some(PiiEntity::Custom));
}

#[test]
fn rules_read_from_configuration_have_a_version_and_no_rules_have_none() {
    let text = r#"{"custom":[{"name":"badge","pattern":"BDG-\\d+","entity":"CUSTOM"}],"allow":["a.b.c"]}"#;
    let first = rules(&serde_json::from_str(text).unwrap());
    let second = rules(&serde_json::from_str(&text.replace("a.b.c", "a.b.d")).unwrap());
    assert!(!first.version().is_empty() && first.version() != second.version());
    assert_eq!(HouseRules::default().version(), "");
    assert!(serde_json::from_str::<HouseRulesConfig>(r#"{"patterns":[]}"#).is_err());
}

#[test]
fn a_masker_with_any_rules_passes_its_own_check() {
    assert!(Masker::default().check().is_ok());
    assert!(Masker::default().with_shapes().check().is_ok());
    let config = HouseRulesConfig { allow_values: vec!["4111111111111111".into()], ..HouseRulesConfig::default() };
    assert!(Masker::default().with_house_rules(rules(&config)).check().is_ok());
}

#[test]
fn an_empty_sample_is_masked_to_nothing() {
    let sample = RawSample::new(["a"], SampleMethod::Limit);
    assert!(Masker::default().mask(&sample).rows().is_empty());
}
