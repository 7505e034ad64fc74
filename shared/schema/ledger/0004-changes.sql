-- Every change of money and every decision, for whoever audits or copies it elsewhere, in commit order.
CREATE CHANGE STREAM LedgerChanges
  FOR Settlements, LedgerEntries, Disputes, Periods, AuditTrail
  OPTIONS (retention_period = '7d', value_capture_type = 'NEW_ROW_AND_OLD_VALUES');
