-- The journal, appended only. A row is one balanced entry: a signed amount for each account, debits above
-- zero. That they add up to zero is a constraint, so no commit can post one side alone.
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
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  CONSTRAINT entry_balanced CHECK (receivable + cash + revenue + overpayment + dispute = 0),
  CONSTRAINT entry_currency CHECK (CHAR_LENGTH(currency) = 3),
  CONSTRAINT entry_place CHECK (version >= 1 AND part >= 0),
) PRIMARY KEY (bid_id, version, part),
  INTERLEAVE IN PARENT Settlements ON DELETE NO ACTION;

-- The sum of the entries by seat and currency. Each writer adds to a shard of its own, so that two of them
-- never wait for one row; a balance is the sum over the shards.
CREATE TABLE AccountBalances (
  seat STRING(128) NOT NULL,
  currency STRING(3) NOT NULL,
  shard INT64 NOT NULL,
  receivable NUMERIC NOT NULL,
  cash NUMERIC NOT NULL,
  revenue NUMERIC NOT NULL,
  overpayment NUMERIC NOT NULL,
  dispute NUMERIC NOT NULL,
  committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  CONSTRAINT balance_zero CHECK (receivable + cash + revenue + overpayment + dispute = 0),
  CONSTRAINT balance_shard CHECK (shard >= 0 AND shard < 256),
) PRIMARY KEY (seat, currency, shard);
