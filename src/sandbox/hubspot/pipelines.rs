//! Deal pipelines and their stages.

use serde_json::{Value, json};

use crate::data::Millis;

#[derive(Clone, Debug)]
pub struct Stage {
    pub id: String,
    pub label: String,
    /// As HubSpot writes it, `0.0` to `1.0`. The two ends are lost and won.
    pub probability: String,
}

impl Stage {
    pub fn new(id: &str, label: &str, probability: &str) -> Stage {
        Stage { id: id.to_owned(), label: label.to_owned(), probability: probability.to_owned() }
    }

    pub fn is_won(&self) -> bool {
        self.probability.parse() == Ok(1.0)
    }

    pub fn is_closed(&self) -> bool {
        self.is_won() || self.probability.parse() == Ok(0.0)
    }
}

#[derive(Clone, Debug)]
pub struct Pipeline {
    pub id: String,
    pub label: String,
    pub stages: Vec<Stage>,
    pub created: Millis,
}

impl Pipeline {
    /// The pipeline of every new portal.
    pub(super) fn sales(now: Millis) -> Pipeline {
        let stages = vec![
            Stage::new("appointmentscheduled", "Appointment Scheduled", "0.2"),
            Stage::new("qualifiedtobuy", "Qualified To Buy", "0.4"),
            Stage::new("presentationscheduled", "Presentation Scheduled", "0.6"),
            Stage::new("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
            Stage::new("contractsent", "Contract Sent", "0.9"),
            Stage::new("closedwon", "Closed Won", "1.0"),
            Stage::new("closedlost", "Closed Lost", "0.0"),
        ];
        Pipeline { id: "default".to_owned(), label: "Sales Pipeline".to_owned(), stages, created: now }
    }

    pub fn stage(&self, id: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    pub(super) fn to_json(&self, display_order: usize) -> Value {
        let at = self.created.to_iso();
        let stages: Vec<Value> = self
            .stages
            .iter()
            .enumerate()
            .map(|(order, stage)| {
                json!({"id": stage.id, "label": stage.label, "displayOrder": order, "archived": false,
                    "metadata": {"isClosed": stage.is_closed().to_string(), "probability": stage.probability},
                    "createdAt": at, "updatedAt": at, "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT"})
            })
            .collect();
        json!({"id": self.id, "label": self.label, "displayOrder": display_order, "archived": false,
            "createdAt": at, "updatedAt": at, "stages": stages})
    }
}
