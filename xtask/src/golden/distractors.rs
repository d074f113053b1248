//! Tables that no question asks for, to make a pool as large as a company's catalog.

use super::set::GoldTable;

/// What a table is about, from fields that the set's domains leave out: the field, which names the file as the set's
/// domains name theirs, then the subject written in full, short, and in French.
const SUBJECTS: &[[&str; 4]] = &[
    ["shipping", "vessel", "VSL", "NAVIRE"],
    ["shipping", "harbour_berth", "BRTH", "QUAI_PORT"],
    ["aviation", "aircraft", "ACFT", "AERONEF"],
    ["aviation", "flight_crew", "CREW", "EQUIPAGE"],
    ["hospitality", "hotel_room", "HTRM", "CHAMBRE_HOTEL"],
    ["hospitality", "conference_hall", "CNFH", "SALLE_CONF"],
    ["education", "lecture", "LECT", "COURS_MAG"],
    ["education", "student_thesis", "THES", "THESE_ETUD"],
    ["science", "laboratory_bench", "LABB", "PAILLASSE"],
    ["culture", "museum_exhibit", "MUSX", "OEUVRE_MUSEE"],
    ["education", "library_shelf", "LIBS", "RAYON_BIB"],
    ["culture", "theatre_play", "PLAY", "PIECE_THEATRE"],
    ["culture", "film_reel", "FILM", "BOBINE_FILM"],
    ["culture", "orchestra_score", "ORCH", "PARTITION"],
    ["sports", "football_match", "FTBM", "MATCH_FOOT"],
    ["sports", "swimming_lane", "SWML", "COULOIR_NAGE"],
    ["sports", "race_horse", "HRSE", "CHEVAL_COURSE"],
    ["sports", "ski_lift", "SKIL", "REMONTEE_MEC"],
    ["hospitality", "camp_site", "CMPS", "EMPL_CAMPING"],
    ["agriculture", "forest_plot", "FRST", "PARCELLE_BOIS"],
    ["agriculture", "orchard_row", "ORCD", "RANG_VERGER"],
    ["agriculture", "dairy_herd", "HERD", "TROUPEAU"],
    ["agriculture", "fishing_quota", "FSHQ", "QUOTA_PECHE"],
    ["agriculture", "grain_silo", "SILO", "SILO_GRAIN"],
    ["agriculture", "vineyard_vat", "VATS", "CUVE_VIGNE"],
    ["heavy_industry", "quarry_blast", "QRRY", "TIR_CARRIERE"],
    ["heavy_industry", "mine_shaft", "MSHF", "PUITS_MINE"],
    ["heavy_industry", "steel_coil", "COIL", "BOBINE_ACIER"],
    ["heavy_industry", "paper_mill", "PMIL", "USINE_PAPIER"],
    ["heavy_industry", "assembly_robot", "ROBT", "ROBOT_MONT"],
    ["heavy_industry", "welding_seam", "WELD", "CORDON_SOUD"],
    ["construction", "crane", "CRAN", "GRUE"],
    ["construction", "building_site", "BSIT", "CHANTIER"],
    ["construction", "lift_shaft", "LSHF", "GAINE_ASC"],
    ["construction", "tunnel_segment", "TUNL", "TRONCON_TUN"],
    ["construction", "bridge_span", "BRDG", "TRAVEE_PONT"],
    ["transport", "railway_wagon", "WAGN", "WAGON"],
    ["transport", "tram_stop", "TRAM", "ARRET_TRAM"],
    ["transport", "bicycle_dock", "BIKE", "BORNE_VELO"],
    ["transport", "parking_garage", "PRKG", "PARKING"],
    ["municipality", "waste_container", "WSTC", "BENNE_DECHET"],
    ["municipality", "sewer_pump", "SEWR", "POMPE_EGOUT"],
    ["science", "weather_station", "WTHR", "STATION_METEO"],
    ["science", "satellite_pass", "SATL", "PASSAGE_SAT"],
    ["science", "telescope_exposure", "TELS", "POSE_TELESC"],
    ["justice", "border_crossing", "BRDX", "POSTE_FRONT"],
    ["justice", "court_hearing", "CRTH", "AUDIENCE_TRIB"],
    ["municipality", "polling_place", "POLL", "BUREAU_VOTE"],
    ["municipality", "fire_engine", "FIRE", "CAMION_POMP"],
    ["administration", "archive_box", "ARCB", "BOITE_ARCH"],
    ["administration", "trade_fair_stand", "STND", "STAND_SALON"],
    ["culture", "podcast_episode", "PODC", "EPISODE_POD"],
    ["culture", "game_server", "GSRV", "SERVEUR_JEU"],
    ["software", "software_release", "RLSE", "VERSION_LOG"],
    ["software", "build_pipeline", "PIPE", "CHAINE_CONST"],
    ["administration", "office_desk", "DESK", "BUREAU_POSTE"],
];

/// What is recorded of it: its name in three manners, what people call it, what it says, and its columns.
struct Record {
    name: [&'static str; 3],
    called: &'static str,
    says: &'static str,
    columns: [&'static [&'static str]; 3],
}

const RECORDS: &[Record] = &[
    Record {
        name: ["inspection", "INSP", "CONTROLE"],
        called: "Inspections of each",
        says: "with inspector, outcome and next due date",
        columns: [
            &["inspection_id", "inspected_on", "inspector", "outcome", "next_due"],
            &["INSP_NO", "INSP_DT", "INSP_BY", "OUTC_CD", "NXT_DT"],
            &["NO_CTRL", "DT_CTRL", "NOM_CTRL", "CD_RESULT", "DT_PROCH"],
        ],
    },
    Record {
        name: ["booking", "BKNG", "RESA"],
        called: "Bookings of each",
        says: "with period, party size and channel",
        columns: [
            &["booking_id", "starts_on", "ends_on", "party_size", "channel"],
            &["BKNG_NO", "STR_DT", "END_DT", "PTY_SZ", "CHNL_CD"],
            &["NO_RESA", "DT_DEB", "DT_FIN", "NB_PERS", "CD_CANAL"],
        ],
    },
    Record {
        name: ["repair_order", "RPRO", "ORDRE_REP"],
        called: "Repair orders for each",
        says: "with fault, workshop, hours and parts used",
        columns: [
            &["repair_id", "fault_code", "workshop", "labour_hours", "parts_cost"],
            &["RPR_NO", "FLT_CD", "WKSP", "LBR_HR", "PRT_AMT"],
            &["NO_REP", "CD_PANNE", "ATELIER", "NB_HEURES", "MT_PIECES"],
        ],
    },
    Record {
        name: ["register", "REGM", "REGISTRE"],
        called: "Register of every",
        says: "with owner, year of make and condition",
        columns: [
            &["serial_no", "label", "made_in_year", "owner_unit", "condition_grade"],
            &["SER_NO", "LBL_TX", "MK_YR", "OWN_UN", "COND_CD"],
            &["NO_SERIE", "LIB", "AN_FAB", "UNITE_PROP", "CD_ETAT"],
        ],
    },
    Record {
        name: ["shift_plan", "SHFT", "PLANNING"],
        called: "Shift plans for each",
        says: "with team, start, end and role",
        columns: [
            &["shift_id", "team", "starts_at", "ends_at", "role"],
            &["SHF_NO", "TEAM_CD", "STR_TM", "END_TM", "ROLE_CD"],
            &["NO_POSTE", "EQUIPE", "H_DEB", "H_FIN", "CD_ROLE"],
        ],
    },
    Record {
        name: ["sensor_reading", "SNSR", "MESURE_CAPT"],
        called: "Sensor readings taken at each",
        says: "with moment, quantity and quality mark",
        columns: [
            &["sensor_id", "read_at", "quantity", "reading", "quality_mark"],
            &["SNS_NO", "RD_TS", "QTY_CD", "RD_VAL", "QLT_CD"],
            &["NO_CAPT", "TS_MES", "GRANDEUR", "VAL_MES", "CD_QUAL"],
        ],
    },
    Record {
        name: ["budget_line", "BDGT", "LIGNE_BUDG"],
        called: "Budget lines for each",
        says: "with fiscal year, planned and spent money",
        columns: [
            &["budget_line_id", "fiscal_year", "planned", "spent", "cost_centre"],
            &["BDG_NO", "FSC_YR", "PLN_AMT", "SPT_AMT", "CST_CTR"],
            &["NO_LIGNE", "EXERCICE", "MT_PREVU", "MT_REAL", "CTR_COUT"],
        ],
    },
    Record {
        name: ["visitor_rating", "RATG", "AVIS_VISIT"],
        called: "Visitors' ratings of each",
        says: "with stars, remark and day",
        columns: [
            &["rating_id", "stars", "remark", "rated_on", "visitor_type"],
            &["RTG_NO", "STR_NB", "RMK_TX", "RTG_DT", "VST_CD"],
            &["NO_AVIS", "NB_ETOILE", "REMARQUE", "DT_AVIS", "TYP_VISIT"],
        ],
    },
    Record {
        name: ["permit", "PRMT", "PERMIS"],
        called: "Permits granted for each",
        says: "with authority, validity and conditions",
        columns: [
            &["permit_no", "authority", "valid_from", "valid_until", "conditions"],
            &["PRM_NO", "AUTH_CD", "VLD_FR", "VLD_TO", "COND_TX"],
            &["NO_PERMIS", "AUTORITE", "DT_VAL_DEB", "DT_VAL_FIN", "CONDITIONS"],
        ],
    },
    Record {
        name: ["incident", "INCD", "INCIDENT"],
        called: "Incidents at each",
        says: "with moment, cause, severity and duration",
        columns: [
            &["incident_id", "happened_at", "cause", "severity", "minutes_lost"],
            &["INC_NO", "INC_TS", "CAUS_CD", "SEV_CD", "LOST_MN"],
            &["NO_INC", "TS_INC", "CD_CAUSE", "GRAVITE", "MN_PERDUES"],
        ],
    },
];

/// The first `count` of them, at most one of each subject and record (560), in an order that mixes both. Names follow
/// the regime: `abbreviated` and `french` have theirs, every other is plain. They are described in English, as a
/// person would, for the arms in which tables are.
pub fn distractors(regime: &str, count: usize) -> Vec<GoldTable> {
    let manner = match regime {
        "abbreviated" => 1,
        "french" => 2,
        _ => 0,
    };
    let (subjects, records) = (SUBJECTS.len(), RECORDS.len());
    // Both lists advance at each step, one of them by one more after each round of the other.
    let pairs = (0..subjects * records).map(|at| (at % subjects, (at + at / subjects) % records));
    let table = |(subject, record): (usize, usize)| {
        let ([field, names @ ..], record) = (SUBJECTS[subject], &RECORDS[record]);
        let described = format!("{} {}, {}.", record.called, names[0].replace('_', " "), record.says);
        let key = match manner {
            0 => format!("{}_id", names[0]),
            1 => format!("{}_NO", names[1]),
            _ => format!("NO_{}", names[2]),
        };
        let columns = record.columns[manner].iter().map(|c| (*c).to_owned()).chain([key]).collect();
        let joint = if manner == 1 { "" } else { "_" };
        GoldTable {
            file: field.to_owned(),
            name: format!("{}{joint}{}", names[manner], record.name[manner]),
            columns,
            reference: Some(described),
            reference_fr: None,
            facts: Vec::new(),
        }
    };
    pairs.take(count).map(table).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_regime_has_hundreds_of_different_tables() {
        for regime in ["plain", "abbreviated", "french"] {
            let made = distractors(regime, 1_000);
            let names: BTreeSet<&String> = made.iter().map(|table| &table.name).collect();
            let texts: BTreeSet<_> = made.iter().map(|table| &table.reference).collect();
            assert_eq!((names.len(), texts.len()), (560, 560), "{regime}");
            assert_eq!(made[..7], distractors(regime, 7));
        }
    }
}
