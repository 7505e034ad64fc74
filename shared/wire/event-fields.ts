/** Field numbers of `auction_event.proto`; a test holds them to the file. */
export const EVENT_FIELDS = {
  event_id: 1,
  type: 2,
  auction_id: 3,
  bid_id: 4,
  event_time: 5,
  region: 6,
  seat: 7,
  segment: 8,
  user_key: 9,
  publisher: 10,
  device_type: 11,
  price_nanos: 12,
  currency: 13,
  payment_id: 14,
  loss_reason: 15,
  source: 16,
  deal_id: 17,
} as const;
export type EventField = keyof typeof EVENT_FIELDS;
