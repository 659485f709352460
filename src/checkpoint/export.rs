//! Exporting: all that is saved of a run as one JSON document, for whoever has to find out what happened.

use std::fs;

use serde_json::{Map, Value, json};

use super::error::CheckpointError;
use super::format::{VERSION, v1};
use super::journal::{self, scan};
use super::record::{Record, Restatement};
use super::recover::recover;
use super::snapshot::{self, CheckpointSummary, Health};
use super::store::{CheckpointStore, FILES};
use super::writer;

impl CheckpointStore {
    /// Everything of a run in one document: its place in history, its checkpoints, the state that resuming would
    /// start from, every record of the journal, and the files kept with it. Changes nothing.
    pub fn export(&self, id: &str) -> Result<Value, CheckpointError> {
        let (run, wanted) = self.resolve(id)?;
        let (folder, run_id) = (self.folder_of(&run), run.id());
        let recovered = recover(&folder, &run_id, wanted.as_deref())?.recovered;
        let record = match writer::read_run(&folder) {
            Ok(record) => value(&v1::encode_run(&record)?)?,
            Err(error) => json!({ "error": error.to_string() }),
        };
        let checkpoints: Vec<Value> = snapshot::summaries(&folder, &run_id)?.iter().map(checkpoint).collect();
        let restatement = Restatement {
            state: recovered.state,
            progress: recovered.progress,
        };
        let state = value(&v1::encode_record(&Record::Restated(Box::new(restatement)))?)?;
        let header = Record::HeaderChanged(Box::new(recovered.header));
        let mut records = Vec::new();
        scan(&folder.join(journal::FILE), |sequence, record| {
            // What has been read from a file can be written to one.
            let form = v1::encode_record(&record).and_then(|payload| value(&payload));
            records.extend(form.map(|record| json!({ "sequence": sequence, "record": record })));
        })?;
        Ok(json!({
            "version": VERSION,
            "run": run_id,
            "checkpoint": recovered.checkpoint,
            "finished": recovered.finished,
            "notes": recovered.notes,
            "header": value(&v1::encode_record(&header)?)?["header_changed"],
            "state": state["restated"]["state"],
            "progress": state["restated"]["progress"],
            "history": record,
            "checkpoints": checkpoints,
            "journal": records,
            "files": self.files(&folder.join(FILES))?,
        }))
    }

    fn files(&self, folder: &std::path::Path) -> Result<Value, CheckpointError> {
        let mut files = Map::new();
        let Ok(entries) = fs::read_dir(folder) else {
            return Ok(Value::Object(files));
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let bytes = fs::read(&path).map_err(|e| CheckpointError::io("read", &path, e))?;
            let content =
                serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&bytes)));
            files.insert(entry.file_name().to_string_lossy().into_owned(), content);
        }
        Ok(Value::Object(files))
    }
}

fn checkpoint(summary: &CheckpointSummary) -> Value {
    let time = summary
        .created_at
        .map(|at| humantime::format_rfc3339_millis(v1::sayable(at)).to_string());
    json!({
        "id": summary.id,
        "created_at": time,
        "phase": summary.phase.map(v1::phase_word),
        "iteration": summary.iteration,
        "sequence": summary.sequence,
        "bytes": summary.bytes,
        "health": match &summary.health {
            Health::Whole => "whole".to_owned(),
            Health::Damaged(reason) => format!("damaged: {reason}"),
            Health::Foreign(reason) => format!("not known to this program: {reason}"),
            Health::TooNew(version) => format!("format version {version}"),
        },
    })
}

fn value(payload: &[u8]) -> Result<Value, CheckpointError> {
    serde_json::from_slice(payload).map_err(|e| CheckpointError::Unsayable {
        what: "the export",
        reason: e.to_string(),
    })
}
