//! Plots as inline SVG.

use std::fmt::Write as _;

use super::page::escaped;

/// A bar with its interval; values from 0 to 1.
pub(super) struct Bar {
    /// What it is.
    pub(super) name: String,
    /// Its length.
    pub(super) value: f64,
    /// The interval's ends.
    pub(super) whisker: Option<(f64, f64)>,
    /// Which colour of five.
    pub(super) colour: usize,
}

const ROW: f64 = 22.0;
const NAMES: f64 = 210.0;
const WIDTH: f64 = 760.0;

/// Bars side by side over one axis from `from` to `to`.
pub(super) fn bars(title: &str, bars: &[Bar], from: f64, to: f64) -> String {
    let height = ROW * bars.len() as f64 + 40.0;
    let x = |value: f64| NAMES + (value.clamp(from, to) - from) / (to - from) * (WIDTH - NAMES - 60.0);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{0}\"><title>{0}</title>",
        escaped(title)
    );
    for tick in 0..=4 {
        let value = from + (to - from) * f64::from(tick) / 4.0;
        let (at, end) = (x(value), height - 20.0);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"4\" y2=\"{end:.1}\"/>\
             <text class=\"tick\" x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.0}</text>",
            height - 5.0,
            100.0 * value
        );
    }
    for (row, bar) in bars.iter().enumerate() {
        let y = 6.0 + ROW * row as f64;
        let (zero, end) = (x(0.0), x(bar.value));
        let middle = y + 8.0;
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
             <rect class=\"c{}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"16\"/>",
            NAMES - 8.0,
            y + 12.0,
            escaped(&bar.name),
            bar.colour % 5,
            zero.min(end),
            (end - zero).abs()
        );
        if let Some((low, high)) = bar.whisker {
            let (low, high) = (x(low), x(high));
            let _ = write!(
                svg,
                "<line class=\"whisker\" x1=\"{low:.1}\" x2=\"{high:.1}\" y1=\"{middle:.1}\" y2=\"{middle:.1}\"/>"
            );
        }
        let label = bar.whisker.map_or(end, |(_, high)| x(high)).max(zero) + 6.0;
        let _ =
            write!(svg, "<text class=\"tick\" x=\"{label:.1}\" y=\"{:.1}\">{:.1}</text>", y + 12.0, 100.0 * bar.value);
    }
    svg.push_str("</svg>");
    svg
}

/// Points (x, y, weight), all 0 to 1 but the weight, against the diagonal.
pub(super) fn diagonal(title: &str, points: &[(f64, f64, usize)]) -> String {
    const SIDE: f64 = 260.0;
    let at = |value: f64| 30.0 + value.clamp(0.0, 1.0) * SIDE;
    let mut svg = format!(
        "<svg class=\"square\" viewBox=\"0 0 320 330\" role=\"img\" aria-label=\"{0}\"><title>{0}</title>\
         <line class=\"grid\" x1=\"30\" y1=\"290\" x2=\"290\" y2=\"30\"/>\
         <line class=\"axis\" x1=\"30\" y1=\"290\" x2=\"290\" y2=\"290\"/>\
         <line class=\"axis\" x1=\"30\" y1=\"290\" x2=\"30\" y2=\"30\"/>\
         <text class=\"tick\" x=\"160\" y=\"318\" text-anchor=\"middle\">confidence said, 0 to 1</text>\
         <text class=\"tick\" x=\"34\" y=\"24\">accepted by the rubric, 0 to 1</text>",
        escaped(title)
    );
    for (x, y, weight) in points {
        let radius = 3.0 + (*weight as f64).sqrt();
        let _ = write!(
            svg,
            "<circle class=\"c2\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius:.1}\"><title>{weight} drafts</title></circle>",
            at(*x),
            320.0 - at(*y)
        );
    }
    svg.push_str("</svg>");
    svg
}
