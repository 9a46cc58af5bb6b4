/** Bytes that can be held up: whoever cannot take more pauses whoever gives. */
export interface UpstreamFlow {
  pause(): void;
  resume(): void;
}
