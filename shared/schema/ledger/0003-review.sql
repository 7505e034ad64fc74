-- The newest dispute of each bid that ever had one. `open_seat` is its seat while it is open and NULL
-- after, so that the index below holds open ones only.
CREATE TABLE Disputes (
  bid_id STRING(128) NOT NULL,
  open_seat STRING(128),
  version INT64 NOT NULL,
  reasons ARRAY<STRING(32)> NOT NULL,
  currency STRING(3) NOT NULL,
  at_stake NUMERIC NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  CONSTRAINT dispute_at_stake CHECK (at_stake >= 0),
) PRIMARY KEY (bid_id),
  INTERLEAVE IN PARENT Settlements ON DELETE NO ACTION;

CREATE NULL_FILTERED INDEX OpenDisputes ON Disputes (open_seat);

-- How far each currency's months are closed. Workers read it in the transactions that post, and closing
-- writes it, so that nothing is posted in a month while it closes, and of two closes at once one finds
-- the other's row.
CREATE TABLE Books (
  currency STRING(3) NOT NULL,
  closed_through STRING(7) NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
) PRIMARY KEY (currency);

-- What each closed month came to. `totals` is its trial balance, `report_sha256` the hash of its report.
CREATE TABLE Periods (
  currency STRING(3) NOT NULL,
  period STRING(7) NOT NULL,
  closed_by STRING(128) NOT NULL,
  totals JSON NOT NULL,
  report_sha256 STRING(64) NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
) PRIMARY KEY (currency, period),
  INTERLEAVE IN PARENT Books ON DELETE NO ACTION;

-- Who decided what, and why: resolutions, closes. Appended in the commit that takes effect. `subject` is
-- `bid:<bid_id>` or `period:<currency>:<month>`, `record_id` is random.
CREATE TABLE AuditTrail (
  subject STRING(160) NOT NULL,
  record_id STRING(36) NOT NULL,
  action STRING(32) NOT NULL,
  actor STRING(128) NOT NULL,
  reason STRING(1024) NOT NULL,
  detail JSON NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
) PRIMARY KEY (subject, record_id);
