/** Which result belongs to which call. The wire's ids are optional, so a result may name its function only. */

export interface CallMatcher {
  /** @returns the id of a call; one that is the same in every turn where the client has none */
  call(id: string | undefined, name: string): string;
  result(id: string | undefined, name: string): { readonly callId: string; readonly name: string };
  /** As it is now, for another end of the conversation. */
  copy(): CallMatcher;
}

interface Call {
  readonly id: string;
  readonly name: string;
  answered: boolean;
}

/** For one conversation, in its order. @param before calls that it has had so far */
export function createCallMatcher(before: readonly Call[] = []): CallMatcher {
  const calls = before.map((call) => ({ ...call }));
  const taken = new Set(calls.map(({ id }) => id));

  return {
    call(id, name) {
      const call: Call = { id: unique(id === undefined || id === '' ? `call_${calls.length + 1}` : ownId(id, name), taken), name, answered: false };
      calls.push(call);
      return call.id;
    },
    result(id, name) {
      const wanted = id === undefined || id === '' ? undefined : ownId(id, name);
      // Of calls with the same id, the first that has no result yet.
      const call =
        (wanted === undefined ? undefined : (calls.find((candidate) => candidate.id === wanted && !candidate.answered) ?? calls.find((candidate) => baseOf(candidate.id) === wanted && !candidate.answered))) ??
        (wanted === undefined ? (calls.find((candidate) => !candidate.answered && candidate.name === name) ?? calls.find((candidate) => !candidate.answered)) : undefined);
      if (call === undefined) return { callId: wanted ?? `call_of_${name}`, name };
      call.answered = true;
      return { callId: call.id, name: call.name };
    },
    copy: () => createCallMatcher(calls),
  };
}

/** gemini writes the function's name in front of the ids that it was given. */
function ownId(id: string, name: string): string {
  const prefix = `${name}__`;
  return name !== '' && id.startsWith(prefix) && id.length > prefix.length ? id.slice(prefix.length) : id;
}

const repeated = /~\d+$/;

function unique(id: string, taken: Set<string>): string {
  let candidate = id;
  for (let number = 2; taken.has(candidate); number++) candidate = `${id}~${number}`;
  taken.add(candidate);
  return candidate;
}

function baseOf(id: string): string {
  return id.replace(repeated, '');
}
