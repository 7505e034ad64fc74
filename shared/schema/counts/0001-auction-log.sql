-- The auction log: each commit inserts the next revision of an auction, so inserting is the lock.
-- `bids` holds the bids that the revision added (all live ones where it is a checkpoint).
-- Kept one day longer than Pub/Sub keeps messages, so that no redelivery outlives what it is compared with.
CREATE TABLE AuctionLog (
  auction_id STRING(128) NOT NULL,
  revision INT64 NOT NULL,
  is_checkpoint BOOL NOT NULL,
  bids BYTES(MAX) NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
) PRIMARY KEY (auction_id, revision),
  ROW DELETION POLICY (OLDER_THAN(committed_at, INTERVAL 8 DAY));

-- What one bundle added to one slice of one shard of segments, in the commit that counted it: sketches
-- of every segment, encoded. The detector merges the rows of a closed slice.
CREATE TABLE SegmentSlices (
  shard INT64 NOT NULL,
  slice_start TIMESTAMP NOT NULL,
  bundle_id STRING(36) NOT NULL,
  statistics BYTES(MAX) NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
) PRIMARY KEY (shard, slice_start, bundle_id),
  ROW DELETION POLICY (OLDER_THAN(committed_at, INTERVAL 8 DAY));

-- How far each ordering key of a subscription has been counted. Posted about once a second.
CREATE TABLE KeyWatermarks (
  subscription STRING(64) NOT NULL,
  ordering_key STRING(64) NOT NULL,
  watermark TIMESTAMP NOT NULL,
  posted_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
) PRIMARY KEY (subscription, ordering_key);

-- The region's watermark: the minimum over its active keys. It never moves back. `held_by` is the key
-- that holds it, "" where all keys are idle.
CREATE TABLE RegionWatermarks (
  region STRING(16) NOT NULL,
  watermark TIMESTAMP NOT NULL,
  held_by STRING(64) NOT NULL,
  active_keys INT64 NOT NULL,
  posted_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
) PRIMARY KEY (region);
