/** `google.protobuf.Timestamp` of a time in milliseconds. */
export function protoTimestamp(timeMs: number): { seconds: number; nanos: number } {
  const seconds = Math.floor(timeMs / 1000);
  return { seconds, nanos: Math.round((timeMs - seconds * 1000) * 1_000_000) };
}
