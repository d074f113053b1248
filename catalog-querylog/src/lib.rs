//! Query events parsed, resolved and mined for joins and verified-query proposals.
