CREATE TABLE AuctionLog (
  auction_id STRING(128) NOT NULL,
  revision INT64 NOT NULL,
  is_checkpoint BOOL NOT NULL,
  bids BYTES(MAX) NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
) PRIMARY KEY(auction_id, revision), ROW DELETION POLICY (OLDER_THAN(committed_at, INTERVAL 8 DAY));

CREATE TABLE SegmentSlices (
  shard INT64 NOT NULL,
  slice_start TIMESTAMP NOT NULL,
  bundle_id STRING(36) NOT NULL,
  statistics BYTES(MAX) NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
) PRIMARY KEY(shard, slice_start, bundle_id), ROW DELETION POLICY (OLDER_THAN(committed_at, INTERVAL 8 DAY));

CREATE TABLE KeyWatermarks (
  subscription STRING(64) NOT NULL,
  ordering_key STRING(64) NOT NULL,
  watermark TIMESTAMP NOT NULL,
  posted_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
) PRIMARY KEY(subscription, ordering_key);

CREATE TABLE RegionWatermarks (
  region STRING(16) NOT NULL,
  watermark TIMESTAMP NOT NULL,
  held_by STRING(64) NOT NULL,
  active_keys INT64 NOT NULL,
  posted_at TIMESTAMP NOT NULL OPTIONS (
    allow_commit_timestamp = true
  ),
) PRIMARY KEY(region);
