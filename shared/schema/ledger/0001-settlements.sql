-- What each bid's money comes to: the fold of its SettlementEvents. One row a bid, replaced by version.
-- Bid ids are the exchanges' own and do not rise. `posted` is what stands on the accounts for the bid.
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
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  CONSTRAINT settlement_state CHECK (state IN ('awaitingWin', 'reserved', 'awaitingPayment', 'underpaid', 'settled', 'overpaid', 'disputed', 'void')),
  CONSTRAINT settlement_version CHECK (version >= 1),
  CONSTRAINT settlement_amounts CHECK (won >= 0 AND billed >= 0 AND paid >= 0 AND owed >= 0 AND tolerance >= 0),
  CONSTRAINT settlement_settled_time CHECK ((state = 'settled') = (settled_time IS NOT NULL)),
  CONSTRAINT settlement_reserved_since CHECK ((state = 'reserved') = (reserved_since IS NOT NULL)),
) PRIMARY KEY (bid_id);

-- Reservations that wait for their billing notice, oldest first: what the sweep of expired ones reads.
CREATE NULL_FILTERED INDEX Reservations ON Settlements (region, reserved_since);

-- The claims of a bid, one row each, typed, so that finance reads them in SQL and a payment id is found by
-- index. A settlement's claims are read with it by prefix, and recording one writes one row however many
-- there are. `version` is the settlement's that recorded it.
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
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  CONSTRAINT event_type CHECK (type IN ('win', 'billing', 'payment', 'loss', 'void', 'expiry', 'challenge', 'resolution')),
  CONSTRAINT event_amount CHECK ((type IN ('win', 'billing', 'payment')) = (amount IS NOT NULL AND currency IS NOT NULL AND owes IS NOT NULL)),
  CONSTRAINT event_amount_sign CHECK (amount >= 0),
  CONSTRAINT event_payment CHECK ((type = 'payment') = (payment_id IS NOT NULL)),
  CONSTRAINT event_review CHECK ((type IN ('challenge', 'resolution')) = (review IS NOT NULL)),
) PRIMARY KEY (bid_id, claim_key),
  INTERLEAVE IN PARENT Settlements ON DELETE NO ACTION;

-- The bids that claim a payment id: read in the transaction that records a payment.
CREATE NULL_FILTERED INDEX SettlementEventsByPayment ON SettlementEvents (payment_id);
