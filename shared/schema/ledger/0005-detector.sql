-- Detectors that are alive, so that each knows its fair share of the shards.
CREATE TABLE Detectors (
  detector STRING(64) NOT NULL,
  alive_until TIMESTAMP NOT NULL,
) PRIMARY KEY (detector),
  ROW DELETION POLICY (OLDER_THAN(alive_until, INTERVAL 1 DAY));

-- Who writes a shard of segments, and how far it has judged. `fencing_token` rises with every new holder
-- and is compared in every commit, so that a writer that was paused and lost its lease commits nothing.
-- `fleet` is the baseline of the fleet, the same in every shard that stands at the same slice.
CREATE TABLE DetectorShards (
  shard INT64 NOT NULL,
  holder STRING(64) NOT NULL,
  fencing_token INT64 NOT NULL,
  lease_until TIMESTAMP NOT NULL,
  next_slice TIMESTAMP NOT NULL,
  fleet BYTES(MAX) NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
) PRIMARY KEY (shard);

-- What a shard says of the fleet in one slice, inserted before anything that rests on it, never changed.
-- `inputs` are the regions that were read, each with the read's timestamp in ms: whoever takes the slice
-- over reads the same rows.
CREATE TABLE FleetSummaries (
  shard INT64 NOT NULL,
  slice_start TIMESTAMP NOT NULL,
  segments INT64 NOT NULL,
  squared_rises FLOAT64 NOT NULL,
  inputs JSON NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
) PRIMARY KEY (shard, slice_start),
  ROW DELETION POLICY (OLDER_THAN(committed_at, INTERVAL 8 DAY));

-- All that is kept of a segment between slices. `snapshot` is the baseline before the oldest flag that a
-- person may still confirm; `reviewed` what has been flagged and decided since then.
CREATE TABLE SegmentBaselines (
  shard INT64 NOT NULL,
  segment STRING(128) NOT NULL,
  baseline BYTES(MAX) NOT NULL,
  users BYTES(MAX) NOT NULL,
  track JSON NOT NULL,
  snapshot BYTES(MAX) NOT NULL,
  snapshot_slice TIMESTAMP NOT NULL,
  reviewed JSON NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
) PRIMARY KEY (shard, segment);

-- Suspicious spans and what people decided on them. `flag_id` is the segment and the span's start. The
-- detector writes the span, reviewers the review; every change raises `version`. `publish_shard` is the
-- shard while a version waits to be published, and NULL after, so that the index holds those only.
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
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  CONSTRAINT flag_review CHECK (review_state IN ('open', 'claimed', 'confirmed', 'dismissed')),
  CONSTRAINT flag_claim CHECK ((review_state = 'claimed') = (claimed_until IS NOT NULL)),
  CONSTRAINT flag_severity CHECK (severity IN ('low', 'medium', 'high')),
  CONSTRAINT flag_version CHECK (version >= 1),
) PRIMARY KEY (flag_id);

CREATE INDEX FlagsByReview ON Flags (review_state, detected_at DESC);

CREATE NULL_FILTERED INDEX FlagsToPublish ON Flags (publish_shard);

-- Who did what to a flag, when and why; appended in the commit that does it. `version` is the flag's after.
CREATE TABLE FlagHistory (
  flag_id STRING(160) NOT NULL,
  version INT64 NOT NULL,
  actor STRING(128) NOT NULL,
  action STRING(16) NOT NULL,
  reason STRING(1024) NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
) PRIMARY KEY (flag_id, version),
  INTERLEAVE IN PARENT Flags ON DELETE NO ACTION;

-- What reviewers decided and the baselines have not learned yet; the detector deletes what it has learned.
CREATE TABLE BaselineTasks (
  shard INT64 NOT NULL,
  flag_id STRING(160) NOT NULL,
  version INT64 NOT NULL,
  decision STRING(16) NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  CONSTRAINT task_decision CHECK (decision IN ('confirmed', 'dismissed', 'reopened')),
) PRIMARY KEY (shard, flag_id, version);
