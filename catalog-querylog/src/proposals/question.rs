//! Questions by rule: what a query computes, by what, for what.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{Confidence, DraftSource, Language, QuestionRequest, WrittenQuestion};
use catalog_core::ports::QuestionWriter;

use super::shape::{Figure, QueryShape};

/// Most columns, figures or tables that are named one by one.
const NAMED_MAX: usize = 3;

/// A rule knows what a query computes and not why.
const CONFIDENCE: f64 = 0.5;

/// Writes questions in English and French from the query's own words; needs no model.
#[derive(Debug, Clone, Copy, Default)]
pub struct RuleQuestions;

#[async_trait]
impl QuestionWriter for RuleQuestions {
    async fn write(&self, request: &QuestionRequest<'_>) -> Result<Option<WrittenQuestion>> {
        let Some(shape) = QueryShape::of(&request.query.sql) else { return Ok(None) };
        let text = match request.language {
            Language::En => english(&shape),
            Language::Fr => french(&shape),
        };
        Ok(Some(WrittenQuestion { text, confidence: Confidence::new(CONFIDENCE), source: DraftSource::Rules }))
    }
}

/// `loan_amount`, `LoanAmount` → `loan amount`.
fn words(name: &str) -> String {
    let mut words = String::new();
    let mut lower_before = false;
    for c in name.chars() {
        if c.is_alphanumeric() {
            if c.is_uppercase() && lower_before {
                words.push(' ');
            }
            words.extend(c.to_lowercase());
            lower_before = c.is_lowercase();
        } else if !words.ends_with(' ') && !words.is_empty() {
            words.push(' ');
            lower_before = false;
        }
    }
    words.trim_end().to_owned()
}

/// `a`, `a and b`, `a, b and c`; of more, the first three and what stands for the others.
fn listed(items: &[String], and: &str, others: &str) -> String {
    let mut items: Vec<String> = items.to_vec();
    if items.len() > NAMED_MAX {
        items.truncate(NAMED_MAX);
        items.push(others.to_owned());
    }
    match items.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} {and} {last}", before.join(", ")),
    }
}

fn english(shape: &QueryShape) -> String {
    let list = |names: &[String]| listed(&names.iter().map(|n| words(n)).collect::<Vec<_>>(), "and", "more");
    let of = list(&shape.tables);
    let mut text = if let [(Figure::Count, None)] = shape.figures.as_slice() {
        format!("How many rows of {of} are there")
    } else if shape.figures.is_empty() {
        match shape.columns.as_slice() {
            [] => format!("Which rows of {of} are there"),
            columns => format!("Which {} are in {of}", list(columns)),
        }
    } else {
        let figures: Vec<String> = shape
            .figures
            .iter()
            .map(|(figure, column)| {
                let column = column.as_deref().map(words).unwrap_or_default();
                match figure {
                    Figure::Count => "the number of rows".to_owned(),
                    Figure::CountDistinct => format!("the number of different {column}"),
                    Figure::Sum => format!("the total {column}"),
                    Figure::Average => format!("the average {column}"),
                    Figure::Smallest => format!("the smallest {column}"),
                    Figure::Largest => format!("the largest {column}"),
                }
            })
            .collect();
        let verb = if figures.len() == 1 { "is" } else { "are" };
        format!("What {verb} {} in {of}", listed(&figures, "and", "more"))
    };
    if !shape.groups.is_empty() {
        text.push_str(&format!(" by {}", list(&shape.groups)));
    }
    if !shape.codes.is_empty() {
        let codes: Vec<String> = shape.codes.iter().map(|(column, code)| format!("{} {code}", words(column))).collect();
        text.push_str(&format!(", where {}", listed(&codes, "and", "more")));
    }
    if !shape.given.is_empty() {
        text.push_str(&format!(", for a given {}", list(&shape.given)));
    }
    if let Some(first) = shape.first {
        text.push_str(&format!(" (first {first})"));
    }
    text.push('?');
    text
}

fn french(shape: &QueryShape) -> String {
    let list = |names: &[String]| listed(&names.iter().map(|n| words(n)).collect::<Vec<_>>(), "et", "autres");
    let of = list(&shape.tables);
    let mut text = if let [(Figure::Count, None)] = shape.figures.as_slice() {
        format!("Combien de lignes y a-t-il dans {of}")
    } else if shape.figures.is_empty() {
        match shape.columns.as_slice() {
            [] => format!("Quelles sont les lignes de {of}"),
            columns => format!("Quelles sont les valeurs de {} dans {of}", list(columns)),
        }
    } else {
        let figures: Vec<String> = shape
            .figures
            .iter()
            .map(|(figure, column)| {
                let column = column.as_deref().map(words).unwrap_or_default();
                match figure {
                    Figure::Count => "le nombre de lignes".to_owned(),
                    Figure::CountDistinct => format!("le nombre de valeurs de {column}"),
                    Figure::Sum => format!("le total de {column}"),
                    Figure::Average => format!("la moyenne de {column}"),
                    Figure::Smallest => format!("le minimum de {column}"),
                    Figure::Largest => format!("le maximum de {column}"),
                }
            })
            .collect();
        let verb = match (figures.len(), shape.figures.first()) {
            (1, Some((Figure::Average, _))) => "Quelle est",
            (1, _) => "Quel est",
            _ => "Quels sont",
        };
        format!("{verb} {} dans {of}", listed(&figures, "et", "autres"))
    };
    if !shape.groups.is_empty() {
        text.push_str(&format!(" par {}", list(&shape.groups)));
    }
    if !shape.codes.is_empty() {
        let codes: Vec<String> =
            shape.codes.iter().map(|(column, code)| format!("{} = {code}", words(column))).collect();
        text.push_str(&format!(", avec {}", listed(&codes, "et", "autres")));
    }
    if !shape.given.is_empty() {
        text.push_str(&format!(", pour une valeur donnée de {}", list(&shape.given)));
    }
    if let Some(first) = shape.first {
        text.push_str(&format!(" (les {first} premiers)"));
    }
    text.push_str(" ?");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(sql: &str) -> (String, String) {
        let shape = QueryShape::of(sql).unwrap();
        (english(&shape), french(&shape))
    }

    #[test]
    fn figures_groups_conditions_and_order_make_a_question() {
        let sql = "SELECT t2.city, sum(t1.LoanAmount) AS total, count(*) FROM b.m.loan t1 JOIN b.m.branch t2 ON t1.branch_id = t2.branch_id \
                   WHERE t1.status = 'L' AND t1.opened_on >= :p1 GROUP BY 1 ORDER BY 2 DESC LIMIT 10";
        let (english, french) = both(sql);
        assert_eq!(
            english,
            "What are the total loan amount and the number of rows in loan and branch by city, where status L, for a given opened on (first 10)?"
        );
        assert_eq!(
            french,
            "Quels sont le total de loan amount et le nombre de lignes dans loan et branch par city, avec status = L, pour une valeur donnée de opened on (les 10 premiers) ?"
        );
    }

    #[test]
    fn rows_and_counts_are_asked_for_plainly() {
        assert_eq!(both("SELECT count(*) FROM customer").0, "How many rows of customer are there?");
        assert_eq!(
            both("SELECT name, email, city, zip, age FROM customer WHERE id = :p1").0,
            "Which name, email, city and more are in customer, for a given id?"
        );
        assert_eq!(both("SELECT * FROM customer").1, "Quelles sont les lignes de customer ?");
        assert_eq!(both("SELECT avg(a) FROM t").1, "Quelle est la moyenne de a dans t ?");
    }

    #[test]
    fn what_is_no_query_over_tables_has_no_question() {
        assert!(QueryShape::of("SELECT 1").is_none() && QueryShape::of("SELEC").is_none());
        assert!(QueryShape::of("INSERT INTO t SELECT 1").is_none());
    }

    #[test]
    fn names_become_words() {
        assert_eq!(
            (words("NUM_CLI"), words("loanAmount"), words("a__b_")),
            ("num cli".into(), "loan amount".into(), "a b".into())
        );
    }
}
