CREATE TABLE Settlements (
  bid_id STRING(128) NOT NULL,
  version INT64 NOT NULL,
  state STRING(16) NOT NULL,
  dispute_reasons ARRAY<STRING(32)> NOT NULL,
  is_overflowed BOOL NOT NULL,
  auction_id STRING(128) NOT NULL,
  region STRING(16) NOT NULL,
  seat STRING(128) NOT NULL,
  currency STRING(3) NOT NULL,
  won NUMERIC NOT NULL,
  billed NUMERIC NOT NULL,
  paid NUMERIC NOT NULL,
  owed NUMERIC NOT NULL,
  tolerance NUMERIC NOT NULL,
  first_event_time TIMESTAMP NOT NULL,
  settled_time TIMESTAMP,
  reserved_since TIMESTAMP,
  posted JSON NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
  CONSTRAINT settlement_state CHECK(state IN ('awaitingWin', 'reserved', 'awaitingPayment', 'underpaid', 'settled', 'overpaid', 'disputed', 'void')),
  CONSTRAINT settlement_version CHECK(version >= 1),
  CONSTRAINT settlement_amounts CHECK(won >= 0 AND billed >= 0 AND paid >= 0 AND owed >= 0 AND tolerance >= 0),
  CONSTRAINT settlement_settled_time CHECK((state = 'settled') = (settled_time IS NOT NULL)),
  CONSTRAINT settlement_reserved_since CHECK((state = 'reserved') = (reserved_since IS NOT NULL)),
) PRIMARY KEY(bid_id);

CREATE NULL_FILTERED INDEX Reservations ON Settlements(region, reserved_since);

CREATE TABLE SettlementEvents (
  bid_id STRING(128) NOT NULL,
  claim_key STRING(320) NOT NULL,
  identity STRING(320) NOT NULL,
  type STRING(16) NOT NULL,
  version INT64 NOT NULL,
  auction_id STRING(128) NOT NULL,
  region STRING(16) NOT NULL,
  seat STRING(128) NOT NULL,
  source STRING(128) NOT NULL,
  event_time TIMESTAMP NOT NULL,
  publish_time TIMESTAMP NOT NULL,
  amount NUMERIC,
  currency STRING(3),
  owes BOOL,
  payment_id STRING(128),
  review JSON,
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
  CONSTRAINT event_type CHECK(type IN ('win', 'billing', 'payment', 'loss', 'void', 'expiry', 'challenge', 'resolution')),
  CONSTRAINT event_amount CHECK((type IN ('win', 'billing', 'payment')) = (amount IS NOT NULL AND currency IS NOT NULL AND owes IS NOT NULL)),
  CONSTRAINT event_amount_sign CHECK(amount >= 0),
  CONSTRAINT event_payment CHECK((type = 'payment') = (payment_id IS NOT NULL)),
  CONSTRAINT event_review CHECK((type IN ('challenge', 'resolution')) = (review IS NOT NULL)),
) PRIMARY KEY(bid_id, claim_key),
  INTERLEAVE IN PARENT Settlements ON DELETE NO ACTION;

CREATE NULL_FILTERED INDEX SettlementEventsByPayment ON SettlementEvents(payment_id);

CREATE TABLE LedgerEntries (
  bid_id STRING(128) NOT NULL,
  version INT64 NOT NULL,
  part INT64 NOT NULL,
  seat STRING(128) NOT NULL,
  currency STRING(3) NOT NULL,
  receivable NUMERIC NOT NULL,
  cash NUMERIC NOT NULL,
  revenue NUMERIC NOT NULL,
  overpayment NUMERIC NOT NULL,
  dispute NUMERIC NOT NULL,
  cause STRING(320) NOT NULL,
  period STRING(7) NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
  CONSTRAINT entry_balanced CHECK(receivable + cash + revenue + overpayment + dispute = 0),
  CONSTRAINT entry_currency CHECK(CHAR_LENGTH(currency) = 3),
  CONSTRAINT entry_place CHECK(version >= 1 AND part >= 0),
) PRIMARY KEY(bid_id, version, part),
  INTERLEAVE IN PARENT Settlements ON DELETE NO ACTION;

CREATE TABLE AccountBalances (
  seat STRING(128) NOT NULL,
  currency STRING(3) NOT NULL,
  shard INT64 NOT NULL,
  receivable NUMERIC NOT NULL,
  cash NUMERIC NOT NULL,
  revenue NUMERIC NOT NULL,
  overpayment NUMERIC NOT NULL,
  dispute NUMERIC NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
  CONSTRAINT balance_zero CHECK(receivable + cash + revenue + overpayment + dispute = 0),
  CONSTRAINT balance_shard CHECK(shard >= 0 AND shard < 256),
) PRIMARY KEY(seat, currency, shard);

CREATE TABLE Disputes (
  bid_id STRING(128) NOT NULL,
  open_seat STRING(128),
  version INT64 NOT NULL,
  reasons ARRAY<STRING(32)> NOT NULL,
  currency STRING(3) NOT NULL,
  at_stake NUMERIC NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
  CONSTRAINT dispute_at_stake CHECK(at_stake >= 0),
) PRIMARY KEY(bid_id),
  INTERLEAVE IN PARENT Settlements ON DELETE NO ACTION;

CREATE NULL_FILTERED INDEX OpenDisputes ON Disputes(open_seat);

CREATE TABLE Books (
  currency STRING(3) NOT NULL,
  closed_through STRING(7) NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
) PRIMARY KEY(currency);

CREATE TABLE Periods (
  currency STRING(3) NOT NULL,
  period STRING(7) NOT NULL,
  closed_by STRING(128) NOT NULL,
  totals JSON NOT NULL,
  report_sha256 STRING(64) NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
) PRIMARY KEY(currency, period),
  INTERLEAVE IN PARENT Books ON DELETE NO ACTION;

CREATE TABLE AuditTrail (
  subject STRING(160) NOT NULL,
  record_id STRING(36) NOT NULL,
  action STRING(32) NOT NULL,
  actor STRING(128) NOT NULL,
  reason STRING(1024) NOT NULL,
  detail JSON NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
) PRIMARY KEY(subject, record_id);

CREATE TABLE Detectors (
  detector STRING(64) NOT NULL,
  alive_until TIMESTAMP NOT NULL,
) PRIMARY KEY(detector), ROW DELETION POLICY (OLDER_THAN(alive_until, INTERVAL 1 DAY));

CREATE TABLE DetectorShards (
  shard INT64 NOT NULL,
  holder STRING(64) NOT NULL,
  fencing_token INT64 NOT NULL,
  lease_until TIMESTAMP NOT NULL,
  next_slice TIMESTAMP NOT NULL,
  fleet BYTES(MAX) NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
) PRIMARY KEY(shard);

CREATE TABLE FleetSummaries (
  shard INT64 NOT NULL,
  slice_start TIMESTAMP NOT NULL,
  segments INT64 NOT NULL,
  squared_rises FLOAT64 NOT NULL,
  inputs JSON NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
) PRIMARY KEY(shard, slice_start), ROW DELETION POLICY (OLDER_THAN(committed_at, INTERVAL 8 DAY));

CREATE TABLE SegmentBaselines (
  shard INT64 NOT NULL,
  segment STRING(128) NOT NULL,
  baseline BYTES(MAX) NOT NULL,
  users BYTES(MAX) NOT NULL,
  track JSON NOT NULL,
  snapshot BYTES(MAX) NOT NULL,
  snapshot_slice TIMESTAMP NOT NULL,
  reviewed JSON NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
) PRIMARY KEY(shard, segment);

CREATE TABLE Flags (
  flag_id STRING(160) NOT NULL,
  shard INT64 NOT NULL,
  segment STRING(128) NOT NULL,
  start_time TIMESTAMP NOT NULL,
  end_time TIMESTAMP NOT NULL,
  detected_at TIMESTAMP NOT NULL,
  is_closed BOOL NOT NULL,
  severity STRING(8) NOT NULL,
  nats FLOAT64 NOT NULL,
  evidence FLOAT64 NOT NULL,
  reasons JSON NOT NULL,
  bid_count INT64 NOT NULL,
  expected_bids FLOAT64 NOT NULL,
  version INT64 NOT NULL,
  publish_shard INT64,
  review_state STRING(16) NOT NULL,
  claimed_by STRING(128),
  claimed_until TIMESTAMP,
  decided_by STRING(128),
  decision_reason STRING(1024),
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
  CONSTRAINT flag_review CHECK(review_state IN ('open', 'claimed', 'confirmed', 'dismissed')),
  CONSTRAINT flag_claim CHECK((review_state = 'claimed') = (claimed_until IS NOT NULL)),
  CONSTRAINT flag_severity CHECK(severity IN ('low', 'medium', 'high')),
  CONSTRAINT flag_version CHECK(version >= 1),
) PRIMARY KEY(flag_id);

CREATE INDEX FlagsByReview ON Flags(review_state, detected_at DESC);

CREATE NULL_FILTERED INDEX FlagsToPublish ON Flags(publish_shard);

CREATE TABLE FlagHistory (
  flag_id STRING(160) NOT NULL,
  version INT64 NOT NULL,
  actor STRING(128) NOT NULL,
  action STRING(16) NOT NULL,
  reason STRING(1024) NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
) PRIMARY KEY(flag_id, version),
  INTERLEAVE IN PARENT Flags ON DELETE NO ACTION;

CREATE TABLE BaselineTasks (
  shard INT64 NOT NULL,
  flag_id STRING(160) NOT NULL,
  version INT64 NOT NULL,
  decision STRING(16) NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
  CONSTRAINT task_decision CHECK(decision IN ('confirmed', 'dismissed', 'reopened')),
) PRIMARY KEY(shard, flag_id, version);
